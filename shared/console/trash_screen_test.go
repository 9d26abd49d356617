package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"keepsake/shared/auth"
)

const day = 24 * time.Hour

func TestTheTrashIsTheFirstScreenAndSaysWhatWhoWhenAndUntilWhen(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	var soon, late string
	p.stack.ago(28*day, func() {
		soon = o.create("db-password", `,"labels":{"team":"payments"}`)
		o.call("POST /secrets/"+soon+"/versions", `{"value":"`+canary+`"}`)
		o.call("POST /secrets/"+soon+"/versions/secv_"+soon[4:]+"_1:disable", "", "If-Match", "1000000001")
		o.delete(soon)
	})
	late = o.create("smtp")
	o.delete(late)
	p.stack.ago(2*time.Minute, func() { o.ask(soon, 14) })

	p.enter()
	p.seesRows("db-password", "smtp") // the soonest first
	p.seesInRow("db-password", "team:payments", soon, "Generic", "1 of 2 enabled", "28 days ago", "by "+o.id, "in 2 days",
		time.Now().Add(2*day).UTC().Format("2 Jan 2006"), "14 tries since", "the last 2 minutes ago, by "+o.id)
	p.seesInRow("smtp", "just now", "in 30 days", "no")
	p.Wait(`document.querySelectorAll(".soon").length === 1`)
}

func TestOneClickBringsASecretBackAndTheNextRowHasTheFocus(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	var ids []string
	for i, name := range []string{"first", "second", "third"} {
		p.stack.ago(time.Duration(3-i)*day, func() { ids = append(ids, o.create(name)); o.delete(ids[i]) })
	}
	p.enter()
	p.seesRows("first", "second", "third")
	p.press("Restore second")
	p.seesRows("first", "third")
	p.sees("“second” is back, with 1 version.")
	p.hasFocus("third")
	p.press("Restore third")
	p.seesRows("first")
	p.hasFocus("first")
	p.press("Restore first")
	p.sees("Nothing is in the trash.")
	p.hasFocus("Trash")
	for _, id := range ids {
		if got := o.call("POST /secrets/"+id+"/versions/latest:access", "")["value"]; got != canary {
			t.Errorf("%s does not have its value", id)
		}
	}
	for _, c := range p.made("POST /v1/secrets/") {
		if c.ifMatch != `"2"` || c.key == "" || c.auth != "Bearer" {
			t.Errorf("%+v: want the etag that was seen, and a key", c)
		}
	}
}

func TestARestoreCanBeUndoneAndTheUndoToo(t *testing.T) {
	p, o, id := visitTrash(t)
	p.press("Restore db-password")
	p.sees("“db-password” is back, with 1 version.")
	p.press("Undo")
	p.sees("“db-password” is in the trash again.")
	p.seesInRow("db-password", "by you", "in 30 days")
	p.hasFocus("db-password")
	if o.state(id) != "soft_deleted" {
		t.Error("it is not deleted")
	}
	p.press("Restore")
	p.sees("is back")
	p.sees("Nothing is in the trash.")
	if o.state(id) != "active" {
		t.Error("it is not back")
	}
}

func TestSelectedSecretsAreRestoredTogetherAndUndoneTogether(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	for i, name := range []string{"a", "b", "c"} {
		p.stack.ago(time.Duration(9-i)*day, func() { o.delete(o.create(name)) })
	}
	p.enter()
	p.seesRows("a", "b", "c")
	p.check("Select a")
	p.check("Select c")
	p.press("Restore 2 selected")
	p.sees("2 secrets are back.")
	p.seesRows("b")
	p.hasFocus("b")
	p.press("Undo")
	p.sees("2 secrets are in the trash again.")
	p.check("Select all")
	p.press("Restore 3 selected")
	p.sees("3 secrets are back.", "Nothing is in the trash.")
}

func TestTheTrashIsFilteredByWhateverIsKnownOfASecret(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	p.stack.ago(day, func() { o.delete(o.create("db-password", `,"labels":{"team":"payments"}`)) })
	o.delete(o.create("hook", `,"kind":"webhook_signing"`))
	p.enter()
	for filter, want := range map[string]string{"DB-": "db-password", "team:pay": "db-password", "webhook sign": "hook"} {
		p.fill("Filter", filter)
		p.seesRows(want)
	}
	p.fill("Filter", o.id)
	p.seesRows("db-password", "hook")
	p.fill("Filter", "nobody")
	p.sees("None of 2 deleted secrets matches.")
	p.press("Clear the filter")
	p.seesRows("db-password", "hook")
}

func TestAllPagesOfTheTrashAreShown(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	for range 101 {
		o.delete(o.create("one of many"))
	}
	p.enter()
	p.sees("101 deleted secrets")
	p.Wait(`document.querySelectorAll("tbody tr").length === 101`)
	if n := len(p.made("GET /v1/trash")); n != 2 {
		t.Errorf("%d calls for two pages", n)
	}
}

func TestAboveAThousandTheTrashSaysThatThereAreMore(t *testing.T) {
	p := visit(t)
	pages := 0
	p.play("GET /v1/trash", 12, func(w http.ResponseWriter, _ *http.Request) {
		rows := make([]string, 100)
		for i := range rows {
			rows[i] = fmt.Sprintf(`{"id":"sec_%d_%d","workspace_id":"%s","name":"n","kind":"generic","state":"soft_deleted","version_count":1,`+
				`"enabled_version_count":1,"deleted_at":%d,"purge_at":%d,"etag":"2","reads_since":{"count":100,"more":true,"last_at":%[4]d}}`,
				pages, i, workspace, time.Now().Unix(), time.Now().Add(9*day).Unix())
		}
		pages++
		more := `true,"next_cursor":"next"`
		if pages == 12 {
			more = `false,"next_cursor":null`
		}
		_, _ = w.Write([]byte(`{"data":[` + strings.Join(rows, ",") + `],"has_more":` + more + `}`))
	})
	p.enter()
	p.sees("Only the first 1,000 secrets are shown, those that go soonest.", "more than 100 tries since")
	p.press("Load 1,000 more")
	p.sees("1,200 deleted secrets")
	p.misses("Only the first")
}

func TestAHostileNameIsAName(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	const name = `<img src=x onerror=alert(1)>`
	for i, hostile := range []string{name, "</script><script>alert(1)</script>", "javascript:alert(1)", "\u202etxt.exe", "  "} {
		p.stack.ago(time.Duration(9-i)*day, func() {
			id := o.create(hostile, `,"description":`+quote(name)+`,"labels":{`+quote(name)+`:`+quote(name)+`}`)
			o.delete(id)
		})
	}
	p.enter()
	p.seesRows(name, "</script><script>alert(1)</script>", "javascript:alert(1)", "\u202etxt.exe", "  ")
	p.Wait(`document.querySelector("img, iframe, #app script") === null`)
	p.press("Restore " + name)
	p.sees("“" + name + "” is back")
	p.press("Secrets")
	p.press(name)
	p.sees("History")
	p.Wait(`document.querySelector("img, iframe, #app script") === null`)
	p.press("Delete for good…")
	p.fill("Type the secret’s name", name)
	p.press("Delete for good")
	p.sees("gone for good")
}

func TestASecretThatIsGoneForGoodLeavesTheTrash(t *testing.T) {
	p, o, id := visitTrash(t)
	p.seesRows("db-password")
	o.call("DELETE /secrets/"+id+"?force=true", "", "If-Match", "2")
	p.press("Restore db-password")
	p.sees("“db-password” is gone for good: the deadline has passed, or somebody destroyed it.")
	p.sees("Nothing is in the trash.")
}

func TestASecretThatSomebodyElseChangedIsShownFresh(t *testing.T) {
	p, o, id := visitTrash(t)
	p.seesRows("db-password")
	o.call("POST /secrets/"+id+":undelete", "", "If-Match", "2")
	o.call("PATCH /secrets/"+id, `{"name":"db-password-2"}`, "If-Match", "3")
	o.delete(id)
	p.press("Restore db-password")
	p.sees("“db-password” is not back. It was changed by somebody else meanwhile.")
	p.seesRows("db-password-2")
	p.press("Restore db-password-2")
	p.sees("“db-password-2” is back")
}

func TestWithTheScopeToRestoreAloneOneSeesTheTrashAndRestoresAndIsOfferedNothingElse(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	id := o.create("db-password")
	o.delete(id)
	p.enter(auth.Restore)
	p.seesRows("db-password")
	if p.offered("Secrets") {
		t.Error("the list of secrets is offered")
	}
	p.press("Restore db-password")
	p.sees("“db-password” is back")
	if p.offered("Undo") {
		t.Error("a delete is offered")
	}
	if o.state(id) != "active" {
		t.Error("it is not back")
	}
	o.delete(id)
	p.open("/workspaces/" + workspace + "/secrets/" + id)
	p.enter(auth.Restore)
	p.sees("db-password", "This token lacks the scope secrets:read.", "this token lacks the scope secrets:audit.")
	p.press("Restore")
	p.sees("“db-password” is back")
}

func TestWithoutAScopeForTheTrashItSaysWhichIsMissing(t *testing.T) {
	p := visit(t)
	p.enter(auth.Audit)
	p.sees("it lacks the scope secrets:read, or secrets:restore.")
}

func TestTheTrashCanBeUsedByKeyboardAlone(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	p.stack.ago(day, func() { o.delete(o.create("first")) })
	o.delete(o.create("second"))
	token := p.stack.mint(workspace, auth.Scopes...)
	p.hasFocus("API token")
	p.must(chromedp.Call(p.Context(), input.InsertText, input.InsertTextParams{Text: token}))
	p.key(kb.Enter)
	p.seesRows("first", "second")
	p.hasFocus("Trash")
	for _, stop := range []string{"Name, label", "Refresh", "Select all", "Select first", "first", "Restore first"} {
		p.key(kb.Tab)
		p.Wait(fmt.Sprintf(`(({ ariaLabel, placeholder, textContent, labels }) => ariaLabel || placeholder || labels?.[0]?.textContent.trim() || textContent)(document.activeElement).startsWith(%s)`, quote(stop)))
	}
	p.key(kb.Enter)
	p.sees("“first” is back")
	p.hasFocus("second")
	p.key(kb.Tab)
	p.key(" ")
	p.Wait(`document.activeElement.checked`)
}
