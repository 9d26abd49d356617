package console_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"keepsake/infra/cloudtest/browser"
)

// look is how a screen is shown: in light or dark colours, on a screen of this size.
func (p *person) look(scheme string, width, height int64) {
	p.t.Helper()
	p.must(chromedp.Call(p.Context(), emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	}))
	p.Do(chromedp.EmulateViewport(width, height))
}

// furnish fills the trash and the list of secrets as a team's may be, and returns the id of a deleted secret and
// of an active one.
func (p *person) furnish() (deleted, active string) {
	o := p.stack.owner()
	team, web := `,"labels":{"team":"payments"}`, `,"labels":{"env":"prod","team":"web"}`
	p.stack.ago(28*day+3*time.Hour, func() {
		deleted = o.create("db-password", team)
		o.call("POST /secrets/"+deleted+"/versions", `{"value":"`+canary+`","comment":"rotated"}`)
		o.call("POST /secrets/"+deleted+"/versions/secv_"+deleted[4:]+"_1:disable", "", "If-Match", "1000000001")
		o.call("POST /secrets/"+deleted+"/versions", `{"value":"`+canary+`","comment":"rotated again"}`)
		o.delete(deleted)
	})
	p.stack.ago(19*day, func() { o.delete(o.create("stripe-webhook", `,"kind":"webhook_signing"`+team)) })
	p.stack.ago(5*day, func() { o.delete(o.create("registry-pull", `,"kind":"oci_registry","username":"ci"`+web)) })
	p.stack.ago(3*time.Hour, func() { o.delete(o.create("hcloud-prod", `,"kind":"cloud_provider/hcloud"`+web)) })
	p.stack.ago(2*day, func() {
		active = o.create("smtp-password", `,"description":"What the newsletter is sent with"`+team)
		o.create("session-key", web)
	})
	p.stack.ago(26*time.Hour, func() {
		o.call("POST /secrets/"+active+"/versions", `{"value":"`+canary+`","comment":"rotated"}`)
		o.call("POST /secrets/"+active+"/versions/latest:access", "")
		o.call("PATCH /secrets/"+active, `{"version_aliases":{"stable":1}}`, "If-Match", "2")
	})
	p.stack.ago(2*time.Minute, func() { o.ask(deleted, 14) })
	p.stack.record()
	return deleted, active
}

// Screenshots are made on demand: `make screenshots`.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		t.Skip("SCREENSHOTS names no folder")
	}
	p := visit(t)
	p.furnish()
	p.enter()
	p.seesRows("db-password", "stripe-webhook", "registry-pull", "hcloud-prod")
	shoot := func(name, scheme string, width, height int64) {
		t.Helper()
		p.look(scheme, width, height)
		browser.Evaluate[any](p.Tab, "document.activeElement.blur()")
		picture := browser.Ask(p.Tab, chromedp.CaptureScreenshot())
		if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shoot("trash-light", "light", 1120, 640)
	shoot("trash-dark", "dark", 1120, 640)
	shoot("trash-phone", "light", 390, 780)
}
