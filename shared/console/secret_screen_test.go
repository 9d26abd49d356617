package console_test

import (
	"testing"
	"time"

	"keepsake/infra/cloudtest/browser"
	"keepsake/shared/auth"
)

func path(id string) string { return "/workspaces/" + workspace + "/secrets/" + id }

// versionOf returns the state of a version.
func (o *owner) versionOf(id, number string) string {
	o.s.t.Helper()
	return o.call("GET /secrets/"+id+"/versions/secv_"+id[4:]+"_"+number, "")["state"].(string)
}

func TestASecretsOwnAddressShowsItAfterTheToken(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	id := o.create("db-password", `,"description":"the main one","labels":{"team":"payments"}`)
	o.call("POST /secrets/"+id+"/versions", `{"value":"`+canary+`","comment":"rotated"}`)
	o.call("PATCH /secrets/"+id, `{"version_aliases":{"stable":1},"mime_type":"text/plain"}`, "If-Match", "2")
	p.open(path(id))
	p.enter()
	p.sees("db-password", id, "Generic", "2 of 2 enabled", "the main one", "team:payments", "text/plain", "stable → 1",
		"Version 2 latest rotated", "Version 1 stable", "Enabled: it can be read")
	p.misses(canary)
	if title := browser.Evaluate[string](p.Tab, "document.title"); title != "Secret · Keepsake" {
		t.Errorf("the title %q stays in the browser's history", title)
	}
	p.press("Trash")
	p.sees("Nothing is in the trash.")
	browser.Evaluate[any](p.Tab, "history.back()")
	p.sees("db-password")
}

func TestVersionsAreAddedDisabledEnabledAndDestroyed(t *testing.T) {
	p, o, id := visitSecret(t)
	p.press("New version")
	p.hasFocus("Value")
	p.fill("Value", canary+"-2")
	p.fill("Comment (optional)", "rotated")
	p.press("Add")
	p.sees("Version 2 is added, and enabled.", "2 of 2 enabled", "Version 2 latest rotated")
	p.hasFocus("Version 2")
	p.wantNowhere(canary)

	p.press("Disable, version 1")
	p.sees("Version 1 is disabled.", "Disabled: it is kept, and cannot be read until it is enabled", "1 of 2 enabled")
	p.hasFocus("Enable, version 1")
	if got := o.versionOf(id, "1"); got != "disabled" {
		t.Errorf("version 1 is %s", got)
	}
	p.press("Enable, version 1")
	p.sees("Version 1 is enabled.", "2 of 2 enabled")

	p.press("Destroy, version 1")
	p.hasFocus("Type the secret’s name")
	p.fill("Type the secret’s name", "db-passwort")
	p.press("Destroy version 1")
	p.sees("This is not its name.")
	if got := o.versionOf(id, "1"); got != "enabled" {
		t.Errorf("version 1 is %s without its secret's name", got)
	}
	p.fill("Type the secret’s name", "db-password")
	p.press("Destroy version 1")
	p.sees("Version 1 is destroyed.", "Destroyed: its value is gone for good", "1 of 2 enabled")
	p.hasFocus("Version 1")

	for _, c := range p.made("POST /v1/secrets/" + id + "/versions/") {
		if c.ifMatch == "" {
			t.Errorf("%s names no etag", c.what)
		}
	}
	if added := p.made("POST /v1/secrets/" + id + "/versions"); added[0].key == "" {
		t.Error("a version is added without a key")
	}
	if enabled := p.made("POST /v1/secrets/" + id + "/versions/secv_" + id[4:] + "_1:enable"); enabled[0].key == "" {
		t.Error("a version is enabled without a key")
	}
}

func TestAVersionThatSomebodyElseChangedIsShownFresh(t *testing.T) {
	p, o, id := visitSecret(t)
	p.sees("Enabled: it can be read")
	disabled := o.call("POST /secrets/"+id+"/versions/secv_"+id[4:]+"_1:disable", "", "If-Match", "1000000001")
	o.call("POST /secrets/"+id+"/versions/secv_"+id[4:]+"_1:enable", "", "If-Match", disabled["etag"].(string))
	p.refuse("GET /v1/secrets/"+id+"/versions", 1, 503, "7011", "Service Unavailable", "Retry-After", "5")
	p.press("Disable, version 1")
	p.sees("asks to wait 5 seconds.")
	p.misses("What you see is fresh again") // not yet
	p.wait(5)
	p.sees("Version 1 is as it was. It was changed by somebody else meanwhile. What you see is fresh again", "Enabled: it can be read")
	p.press("Disable, version 1")
	p.sees("Version 1 is disabled.")
}

func TestAliasesAreMovedAddedAndTakenAway(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	id := o.create("db-password")
	o.call("POST /secrets/"+id+"/versions", `{"value":"`+canary+`"}`)
	o.call("PATCH /secrets/"+id, `{"version_aliases":{"stable":1}}`, "If-Match", "2")
	p.open(path(id))
	p.enter()
	p.press("Change aliases")
	p.fill("Version", "2")
	p.press("Save")
	p.sees("The aliases are changed.", "stable → 2", "Version 2 latest stable")
	p.hasFocus("Change aliases")
	p.press("Change aliases")
	p.press("Take away stable")
	p.fill("Alias", "latest")
	p.fill("Version", "1")
	p.press("Save")
	p.sees("The service does not take this: version aliases latest")
	p.fill("Alias", "old")
	p.press("Save")
	p.sees("old → 1")
	p.misses("stable → 2")
	for _, c := range p.made("PATCH ") {
		if c.ifMatch == "" {
			t.Errorf("%s names no etag", c.what)
		}
	}
}

func TestASecretIsDeletedAndRestoredOnItsOwnScreen(t *testing.T) {
	p, o, id := visitSecret(t)
	p.press("Delete")
	p.sees("“db-password” is in the trash.", "Gone for good", "in 30 days")
	p.hasFocus("db-password")
	p.press("Undo")
	p.sees("“db-password” is back.")
	p.press("Delete")
	p.sees("in 30 days")
	o.ask(id, 3)
	p.press("Refresh")
	p.press("Restore")
	p.sees("“db-password” is back, with 1 version.")
	if o.state(id) != "active" {
		t.Error("it is not back")
	}
}

func TestADeletedSecretSaysWhoDeletedItAndWhoStillAsksForIt(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	id := o.create("db-password")
	o.delete(id)
	o.ask(id, 3)
	p.open(path(id))
	p.enter()
	p.sees("by "+o.id, "3 tries since", "in 30 days", "Enabled: it can be read")
	for _, button := range []string{"Show value, version 1", "Disable, version 1", "New version"} {
		if p.offered(button) {
			t.Errorf("%s is offered", button)
		}
	}
}

func TestADeleteForGoodNeedsTheNameAndLeavesTheHistory(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	id := o.create("db-password")
	p.stack.record()
	p.open(path(id))
	p.enter()
	p.press("Delete for good…")
	p.press("Delete for good")
	p.sees("This is not its name.")
	if n := len(p.made("DELETE ")); n > 0 {
		t.Errorf("%d deletes without the name", n)
	}
	p.fill("Type the secret’s name", "db-password")
	p.press("Delete for good")
	p.sees("“db-password” is gone for good.", "Only its history is left.")
	if status, _ := o.try("GET /secrets/"+id, ""); status != 404 {
		t.Errorf("it is still there: %d", status)
	}
	if erased := p.made("DELETE "); erased[0].ifMatch != `"1"` {
		t.Errorf("%+v: want the etag that was seen", erased)
	}
}

func TestASecretThatIsGoneShowsItsHistory(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	id := o.create("db-password")
	o.call("DELETE /secrets/"+id+"?force=true", "", "If-Match", "1")
	p.stack.record()
	p.open(path(id))
	p.enter()
	p.sees("There is no such secret", "Deleted for good", o.id, "Created, with version 1")
}

func TestTheHistoryIsOneLineOfTimeOfVersionsAndTrail(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	var id string
	p.stack.ago(3*day, func() { id = o.create("db-password") })
	p.stack.ago(2*day, func() { o.call("POST /secrets/"+id+"/versions", `{"value":"`+canary+`","comment":"rotated"}`) })
	p.stack.record()
	p.stack.ago(day, func() { o.call("POST /secrets/"+id+"/versions/latest:access", "") })
	p.stack.ago(time.Hour, func() { // whose lines are not written yet
		o.call("POST /secrets/"+id+"/versions", `{"value":"`+canary+`","comment":"again"}`)
	})
	p.open(path(id))
	p.enter()
	p.sees("3 of 3 enabled")
	p.Wait(`JSON.stringify([...document.querySelectorAll(".history li > p:first-child")].map((e) => e.innerText)) === ` +
		quote(list([]string{"Version 3 added\nagain", "Version 2 read", "Version 2 added\nrotated", "Created, with version 1"})))
	p.sees(o.id, "from 127.0.0.1")
	p.stack.record()
	p.press("Refresh")
	p.Wait(`document.querySelectorAll(".history li").length === 4`)
}

func TestWithoutTheScopeForTheTrailTheHistoryTellsWhatTheVersionsTell(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	id := o.create("db-password")
	p.open(path(id))
	p.enter(auth.Read)
	p.sees("Who did what is not shown: this token lacks the scope secrets:audit.", "Version 1 added")
}
