package console_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"keepsake/infra/cloudtest/browser"
)

// people is a stack whose people sign in at an issuer, with a secret in the trash of their workspace.
func people(t *testing.T) (*stack, *issuer) {
	t.Helper()
	i := newIssuer(t)
	s := start(t, i.settings()...)
	i.home = s.url + "/"
	s.trash("ws_people", "db-password")
	return s, i
}

const (
	pressSignIn = `[...document.querySelectorAll("button")].find((button) => button.textContent === "Sign in").click()`
	isSignedIn  = `document.body?.innerText.includes("db-password")`
	problem     = `[...document.querySelectorAll("[role=alert]")].map((line) => line.textContent).join("")`
)

// signIn goes to the console and signs in, as far as the issuer lets it.
func signIn(tab *browser.Tab, address string) {
	tab.Do(chromedp.Navigate(address))
	tab.Wait(`document.querySelector("#app button") !== null`)
	tab.Wait(`document.body?.innerText.includes("Sign in")`)
	browser.Evaluate[any](tab, pressSignIn)
}

func TestWhoSignsInSeesTheTrashAndTheTokenIsNowhereButInMemory(t *testing.T) {
	tab := browser.Open(t)
	s, i := people(t)
	signIn(tab, s.url+"/")
	tab.Wait(isSignedIn)
	if i.exchanges() != "given" {
		t.Errorf("exchanges: %s", i.exchanges())
	}
	if address := browser.Evaluate[string](tab, `location.href`); address != s.url+"/" {
		t.Errorf("the address is %s", address)
	}
	kept := browser.Evaluate[string](tab, `JSON.stringify([sessionStorage, localStorage, document.cookie, history.state, window.name])`)
	if kept != `[{},{},"",null,""]` {
		t.Errorf("it is kept: %s", kept)
	}
	if page := browser.Evaluate[string](tab, `document.documentElement.outerHTML`); strings.Contains(page, "eyJ") {
		t.Error("a token is in the document")
	}
	if problems := tab.Problems(); len(problems) > 0 {
		t.Errorf("%q", problems)
	}
}

func TestASignInLeadsBackToTheSecretWhereItBegan(t *testing.T) {
	tab := browser.Open(t)
	s, _ := people(t)
	begun := s.url + "/workspaces/ws_people/secrets/sec_1"
	signIn(tab, begun)
	tab.Wait(`document.querySelector("header") !== null`) // only who has signed in sees it
	if address := browser.Evaluate[string](tab, `location.href`); address != begun {
		t.Errorf("the address is %s", address)
	}
}

func TestAnAnswerThatIsNotOursIsRefusedBeforeItsCodeIsUsed(t *testing.T) {
	tab := browser.Open(t)
	s, i := people(t)
	for name, c := range map[string]struct {
		answer func(url.Values)
		says   string
	}{
		"another state":             {func(v url.Values) { v.Set("state", "x") }, "did not begin in this tab"},
		"no state":                  {func(v url.Values) { v.Del("state") }, "did not begin in this tab"},
		"another issuer":            {func(v url.Values) { v.Set("iss", "https://evil.example") }, "not the issuer’s"},
		"no issuer":                 {func(v url.Values) { v.Del("iss") }, "not the issuer’s"},
		"a refusal":                 {func(v url.Values) { v.Del("code"); v.Set("error", "access_denied") }, "cancelled"},
		"an error":                  {func(v url.Values) { v.Del("code"); v.Set("error", "invalid_scope") }, "set up wrongly"},
		"an error of another state": {func(v url.Values) { v.Set("error", "access_denied"); v.Set("state", "x") }, "did not begin in this tab"},
	} {
		i.be(hostility{answer: c.answer})
		signIn(tab, s.url+"/")
		refuses(t, tab, name, c.says)
		if i.exchanges() != "" {
			t.Errorf("%s: the code was used", name)
		}
	}
}

func TestACodeOfAnotherSignInIsRefused(t *testing.T) {
	tab := browser.Open(t)
	s, i := people(t)
	var used string
	for _, c := range []struct {
		name      string
		hostility hostility
		says      string
	}{
		{"one's own", hostility{answer: func(v url.Values) { used = v.Get("code") }}, ""},
		{"a code that was used before", hostility{answer: func(v url.Values) { v.Set("code", used) }}, "did not accept"},
		{"an identity for another sign-in", hostility{identity: func(c map[string]any) { c["nonce"] = "x" }}, "another sign-in"},
		{"an identity for another client", hostility{identity: func(c map[string]any) { c["aud"] = "x" }}, "another sign-in"},
		{"an identity of another issuer", hostility{identity: func(c map[string]any) { c["iss"] = "https://evil.example" }}, "another sign-in"},
	} {
		i.be(c.hostility)
		signIn(tab, s.url+"/")
		if c.says == "" {
			tab.Wait(isSignedIn)
			continue
		}
		refuses(t, tab, c.name, c.says)
	}
}

func TestAnAnswerIsUsedOnce(t *testing.T) {
	tab := browser.Open(t)
	s, i := people(t)
	signIn(tab, s.url+"/")
	tab.Wait(isSignedIn)
	answer := ""
	for _, request := range tab.Requests() {
		if strings.Contains(request, "code=") {
			answer = strings.TrimPrefix(request, "GET ")
		}
	}
	tab.Do(chromedp.Navigate(answer))
	tab.Wait(`document.querySelector("#app button") !== null`)
	refuses(t, tab, "the same answer again", "used already")
	if i.exchanges() != "given" {
		t.Errorf("exchanges: %s", i.exchanges())
	}
}

func TestAnIssuerThatDescribesAnotherIsNotAsked(t *testing.T) {
	tab := browser.Open(t)
	s, i := people(t)
	for name, change := range map[string]func(map[string]any){
		"another issuer":    func(d map[string]any) { d["issuer"] = "https://evil.example" },
		"no token endpoint": func(d map[string]any) { delete(d, "token_endpoint") },
		"a script":          func(d map[string]any) { d["authorization_endpoint"] = "javascript:alert(1)" },
	} {
		i.be(hostility{describe: change})
		signIn(tab, s.url+"/")
		refuses(t, tab, name, "does not describe itself")
	}
}

func TestATokenEndpointOfAnotherOriginIsCalledOnlyIfTheDeploymentNamesIt(t *testing.T) {
	tab := browser.Open(t)
	for named, says := range map[bool]string{true: "", false: "cannot be reached"} {
		i, other := newIssuer(t), newIssuer(t)
		settings := i.settings()
		if named {
			settings = append(settings, "CONSOLE_TOKEN_ORIGIN", other.url)
		}
		s := start(t, settings...)
		i.home = s.url + "/"
		i.be(hostility{describe: func(d map[string]any) { d["token_endpoint"] = other.url + "/token" }})
		signIn(tab, s.url+"/")
		if named {
			says = "did not accept" // it was asked, and does not know the code
		}
		refuses(t, tab, "a token endpoint elsewhere", says)
		if asked := other.exchanges() != ""; asked != named {
			t.Errorf("named %v: asked %v", named, asked)
		}
	}
}

// refuses waits until the page refuses a sign-in, and checks that it says why and has kept nothing of it.
func refuses(t *testing.T, tab *browser.Tab, name, says string) {
	t.Helper()
	tab.Wait(`(` + problem + `) !== "" || ` + isSignedIn)
	if text := browser.Evaluate[string](tab, problem); !strings.Contains(text, says) {
		t.Errorf("%s: it says %q, want %q", name, text, says)
	}
	if left := browser.Evaluate[string](tab, `JSON.stringify(sessionStorage) + location.search`); left != "{}" {
		t.Errorf("%s: it has kept %s", name, left)
	}
	if browser.Evaluate[bool](tab, isSignedIn) {
		t.Errorf("%s: signed in", name)
	}
}
