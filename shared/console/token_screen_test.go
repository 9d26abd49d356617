package console_test

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"keepsake/infra/cloudtest/browser"
	"keepsake/shared/auth"
)

// everywhere is a JavaScript expression for all that the browser keeps of the page, as text: what is drawn, what is
// typed, the address, the history's state, cookies and every storage.
const everywhere = `(async () => JSON.stringify([
	document.documentElement.outerHTML, document.title, document.cookie, location.href, history.state,
	{ ...localStorage }, { ...sessionStorage }, await indexedDB.databases(), await caches.keys(),
	[...document.querySelectorAll("input, textarea")].map((e) => e.value), performance.getEntries().map((e) => e.name), Object.keys(window), window.name,
]))()`

// wantNowhere checks that the browser keeps none of these texts anywhere, and has logged none.
func (p *person) wantNowhere(secrets ...string) {
	p.t.Helper()
	found := browser.Evaluate[string](p.Tab, everywhere) + strings.Join(p.Problems(), "\n") + strings.Join(p.Requests(), "\n")
	for _, secret := range secrets {
		if at := strings.Index(found, secret); at >= 0 {
			p.t.Errorf("the browser keeps a secret text: after %q", found[max(0, at-80):at])
		}
	}
}

func TestATokenIsKeptInNoStorageAndAReloadForgetsIt(t *testing.T) {
	p := visit(t)
	token := p.stack.mint(workspace, auth.Scopes...)
	if kind := browser.Evaluate[string](p.Tab, control("input", "API token")+".type"); kind != "password" {
		t.Errorf("the token's field is a field for %s", kind)
	}
	p.give(token)
	p.sees("Nothing is in the trash.")
	p.wantNowhere(token)
	p.press("Secrets")
	p.sees("There is no secret here yet.")
	p.wantNowhere(token)

	p.Do(chromedp.Reload(), chromedp.WaitVisible("#app h1"))
	p.sees("API token")
	p.wantNowhere(token)
	p.give(token)
	p.sees("There is no secret here yet.") // where they were
}

func TestForgettingTheTokenAsksForOne(t *testing.T) {
	p := visit(t)
	p.enter()
	p.press("Forget the token")
	p.sees("API token")
	p.hasFocus("API token")
	if n := len(p.made("")); n == 0 {
		t.Fatal("no call was made")
	}
}

func TestAnUnknownTokenIsToldSo(t *testing.T) {
	p := visit(t)
	p.give("sk_akua_nobody_has_this_one")
	p.sees("The service does not know this token", "Give it a token that is valid.")
}

func TestABroadTokenIsAskedForItsWorkspace(t *testing.T) {
	p := visit(t)
	token, err := auth.Mint(t.Context(), p.stack.db, os.Getenv("TOKENS_TABLE"), auth.Grant{Workspaces: []string{workspace, "ws_other"}, Scopes: auth.Scopes})
	if err != nil {
		t.Fatal(err)
	}
	o := p.stack.owner()
	o.delete(o.create("db-password"))

	p.give(token)
	p.sees("This token is good for several. Which one?")
	p.hasFocus("Workspace")
	p.fill("Workspace", "ws_foreign")
	p.press("Continue")
	p.sees("This token is not for this workspace.")
	p.fill("Workspace", workspace)
	p.press("Continue")
	p.seesRows("db-password")
	for _, c := range p.made("GET /v1/trash") {
		if c.context != workspace {
			t.Errorf("%s names the workspace %q", c.what, c.context)
		}
	}
	p.press("Restore db-password")
	p.sees("is back")
}

func TestATokenThatEndsMeanwhileLeadsBackToTheTokenAndThenToTheSameScreen(t *testing.T) {
	p := visit(t)
	id := p.stack.owner().create("db-password")
	p.open("/workspaces/" + workspace + "/secrets/" + id)
	p.enter()
	p.sees("Versions")
	p.refuse("GET /v1/secrets/", 1, 401, "7003", "Unauthorized")
	p.press("Refresh")
	p.sees("The service does not know this token, or not any more.")
	p.enter()
	p.sees("db-password", "Versions")
}

func TestWithoutJavaScriptThePageShowsTheTwoCalls(t *testing.T) {
	p := visit(t)
	p.must(chromedp.Call(p.Context(), emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	p.Do(chromedp.Navigate(p.url + "/"))
	text := browser.Ask(p.Tab, chromedp.Text(chromedp.CSS("noscript")))
	for _, want := range []string{"/v1/trash", ":undelete", "If-Match"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
}
