package console_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"keepsake/infra/cloudtest/browser"
)

// finding is what axe has found wrong.
type finding struct {
	ID, Help string
	Nodes    []struct{ HTML, FailureSummary string }
}

// wantAccessible checks the screen as it is now: in light and in dark colours and on a phone, by the rules of WCAG
// 2.2, level AA, and by axe's best practices. On the phone nothing may scroll sideways.
func (p *person) wantAccessible(screen string) {
	p.t.Helper()
	for _, look := range []struct {
		name, scheme  string
		width, height int64
	}{{"light", "light", 1280, 900}, {"dark", "dark", 1280, 900}, {"light on a phone", "light", 360, 780}, {"dark on a phone", "dark", 360, 780}} {
		p.look(look.scheme, look.width, look.height)
		for _, f := range browser.Evaluate[[]finding](p.Tab, `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] })
			.then(({ violations }) => violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) })))`) {
			p.t.Errorf("%s, %s: %s: %s: %v", screen, look.name, f.ID, f.Help, f.Nodes)
		}
		if width := browser.Evaluate[int64](p.Tab, `document.documentElement.scrollWidth`); width > look.width {
			p.t.Errorf("%s, %s: %d pixels wide on a screen of %d", screen, look.name, width, look.width)
		}
	}
	p.look("light", 1280, 900)
}

func (p *person) loadAxe() {
	p.t.Helper()
	source, err := os.ReadFile(filepath.Join("testdata", "axe", "axe.min.js"))
	if err != nil {
		p.t.Fatal(err)
	}
	browser.Evaluate[any](p.Tab, string(source)+"; true")
}

func TestEveryScreenIsAccessibleInLightInDarkAndOnAPhone(t *testing.T) {
	p := visit(t)
	deleted, _ := p.furnish()
	o := p.stack.owner()
	o.delete(o.create("<img src=x onerror=alert(1)> and a name that is as long as a name may be, without a place to break: " + long(80)))
	p.loadAxe()

	p.press("Continue")
	p.sees("Paste a token first.")
	p.wantAccessible("the token's screen, with a problem")
	p.enter()
	p.sees("hcloud-prod")
	p.wantAccessible("the trash")
	p.check("Select hcloud-prod")
	p.press("Restore 1 selected")
	p.sees("is back")
	p.wantAccessible("the trash after a restore")
	p.fill("Filter", "nothing has this name")
	p.sees("None of")
	p.wantAccessible("the trash, with nothing that matches")
	p.refuse("GET /v1/trash", 1, 500, "7009", "Internal Error")
	p.press("Refresh")
	p.sees("The service failed (500)")
	p.wantAccessible("the trash, with an error")

	p.press("Secrets")
	p.sees("smtp-password")
	p.wantAccessible("the secrets")
	p.press("New secret")
	p.press("Create")
	p.sees("Give it a name.")
	p.wantAccessible("a new secret, with a problem")
	p.key(kb.Escape)
	p.press("Delete session-key")
	p.sees("is in the trash")
	p.wantAccessible("the secrets after a delete")

	p.press("smtp-password")
	p.sees("Created, with version 1")
	p.press("Show value, version 2")
	p.sees(canary)
	p.wantAccessible("a secret, with a value")
	p.press("Change aliases")
	p.wantAccessible("aliases")
	p.press("Cancel")
	p.press("New version")
	p.wantAccessible("a new version")
	p.press("Cancel")
	p.press("Destroy, version 1")
	p.press("Destroy version 1")
	p.sees("This is not its name.")
	p.wantAccessible("a destroy, with a problem")
	p.press("Cancel")
	p.refuse("POST /v1/secrets", 1, 503, "7011", "Service Unavailable", "Retry-After", "5")
	p.press("Disable, version 1")
	p.sees("asks to wait 5 seconds")
	p.wantAccessible("a secret, while the service is waited for")
	p.press("Stop")

	p.press("Trash")
	p.press("db-password")
	p.sees("14 tries since")
	p.wantAccessible("a deleted secret")
	p.press("Delete for good…")
	p.fill("Type the secret’s name", "db-password")
	p.press("Delete for good")
	p.sees("Only its history is left")
	p.wantAccessible("a secret that is gone")
	_ = deleted
}

func long(n int) (text string) {
	for range n {
		text += "x"
	}
	return text
}
