package console_test

import (
	"slices"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"keepsake/infra/cloudtest/browser"
	"keepsake/shared/auth"
)

func TestAValueIsShownOnDemandLeavesALineAndIsHiddenAfterThirtySeconds(t *testing.T) {
	p, _, _ := visitSecret(t)
	p.sees("Showing or copying a value leaves a line in the history")
	p.wantNowhere(canary)
	p.press("Show value, version 1")
	p.sees(canary, "Hidden again in 30 seconds.")
	p.hasFocus("The value")
	p.wait(29)
	p.sees("Hidden again in 1 second.")
	p.sees(canary)
	p.wait(1)
	p.misses(canary)
	p.hasFocus("Version 1")
	p.wantNowhere(canary)
	p.press("Refresh")
	p.sees("Version 1 read")
}

// A focus that moved later would take the person's own focus away, and would scroll the page under their hand.
func TestTheFocusMovesBeforeWhatIsNewCanBeSeen(t *testing.T) {
	p := visit(t)
	id := p.stack.owner().create("db-password")
	p.open(path(id))
	browser.Evaluate[any](p.Tab, `(() => {
		window.opened = [];
		const known = new Set();
		const look = () => {
			for (const e of document.querySelectorAll("h1, pre")) {
				if (!known.has(e)) opened.push(e.textContent + (document.activeElement === e ? "" : ", without the focus"));
				known.add(e);
			}
		};
		known.add(document.querySelector("h1"));
		new MutationObserver(look).observe(document, { subtree: true, childList: true });
	})()`)
	p.enter()
	p.press("Show value, version 1")
	p.sees(canary)
	p.press("Trash")
	p.sees("Nothing is in the trash.")
	got := browser.Evaluate[[]string](p.Tab, "opened")
	if want := []string{"Secret", canary, "Trash"}; !slices.Equal(got, want) {
		t.Errorf("opened %q, want %q", got, want)
	}
}

func TestAValueIsHiddenByHandAndWithItsScreen(t *testing.T) {
	p := visit(t)
	id := p.stack.owner().create("db-password")
	p.open(path(id))
	p.enter()
	p.press("Show value, version 1")
	p.sees(canary)
	p.press("Hide")
	p.misses(canary)
	p.press("Show value, version 1")
	p.sees(canary)
	p.press("Trash")
	p.sees("Nothing is in the trash.")
	p.wantNowhere(canary)
	browser.Evaluate[any](p.Tab, "history.back()")
	p.sees("Version 1")
	p.wantNowhere(canary)
}

func TestCopyingAValueDoesNotShowIt(t *testing.T) {
	p := visit(t)
	id := p.stack.owner().create("db-password")
	p.open(path(id))
	p.enter()
	browser.Evaluate[any](p.Tab, `(() => {
		window.seen = [];
		new MutationObserver(() => window.seen.push(document.body.innerText.includes("canary"))).observe(document, { subtree: true, childList: true, characterData: true });
	})()`)
	p.press("Copy value, version 1")
	p.sees("The value of version 1 is in the clipboard, until you copy something else.")
	if browser.Evaluate[bool](p.Tab, "window.seen.includes(true)") {
		t.Error("the value was shown")
	}
	p.wantNowhere(canary)
	p.press("New version")
	p.must(chromedp.Call(p.Context(), input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Commands: []string{"paste"}}))
	p.sees("28 characters.")
	if browser.Evaluate[string](p.Tab, "document.activeElement.value") != canary {
		t.Error("the clipboard holds something else")
	}
}

func TestWithoutTheScopeToReadValuesTheMissingScopeIsNamed(t *testing.T) {
	p := visit(t)
	id := p.stack.owner().create("db-password")
	p.open(path(id))
	p.enter(auth.Read, auth.Write)
	p.press("Show value, version 1")
	p.sees("This token lacks the scope secrets:access. Use a token that has it.")
	p.Wait(control("button", "Show value, version 1") + " === null")
}

func TestAValueThatWasDestroyedMeanwhileIsToldSo(t *testing.T) {
	p, o, id := visitSecret(t)
	p.sees("Enabled: it can be read")
	o.call("POST /secrets/"+id+"/versions/secv_"+id[4:]+"_1:destroy", "", "If-Match", "1000000001")
	p.press("Show value, version 1")
	p.sees("This version is destroyed. Its value cannot be read any more; use another version.")
}
