package console_test

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"keepsake/infra/cloudtest/browser"
)

func TestThePageRendersFromOneRequestAndItsPolicyBlocksNothingOfIt(t *testing.T) {
	tab := browser.Open(t)
	s := start(t)
	for _, path := range []string{"/", "/workspaces/ws_1/secrets/sec_1"} {
		before := len(tab.Requests())
		tab.Do(chromedp.Navigate(s.url + path))
		tab.Wait(`document.querySelector("#app h1") !== null`)
		if got, want := tab.Requests()[before:], []string{"GET " + s.url + path}; !slices.Equal(got, want) {
			t.Errorf("%s: the page asked for %q, want %q", path, got, want)
		}
	}
	if problems := tab.Problems(); len(problems) > 0 {
		t.Errorf("%q", problems)
	}
}
