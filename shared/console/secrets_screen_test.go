package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"keepsake/infra/cloudtest/browser"
	"keepsake/shared/auth"
)

func TestSecretsAreListedByNameAndFilteredByNameKindAndLabel(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	o.create("smtp", `,"labels":{"team":"payments"}`)
	o.create("db-password", `,"labels":{"team":"web"},"description":"the main one"`)
	o.create("hook", `,"kind":"webhook_signing","labels":{"team":"web"}`)
	p.enter()
	p.press("Secrets")
	p.seesRows("db-password", "hook", "smtp")
	p.seesInRow("db-password", "the main one", "team:web", "Generic", "1 of 1 enabled", "just now")
	p.fill("Name", "PASS")
	p.seesRows("db-password")
	p.fill("Name", "")
	p.choose("Kind", "webhook_signing")
	p.seesRows("hook")
	p.choose("Kind", "")
	p.fill("Label", "team:web")
	p.seesRows("db-password", "hook")
	p.fill("Label", "team:nobody")
	p.sees("No secret matches.")
	p.press("Clear the filter")
	p.seesRows("db-password", "hook", "smtp")
}

func TestAboveAThousandTheServiceFilters(t *testing.T) {
	p := visit(t)
	p.stack.owner().create("zz-wanted", `,"labels":{"team":"web"}`)
	p.enter()
	pages := 0
	p.play("GET /v1/secrets?limit=100", 10, func(w http.ResponseWriter, _ *http.Request) {
		rows := make([]string, 100)
		for i := range rows {
			rows[i] = fmt.Sprintf(`{"id":"sec_%d_%d","workspace_id":"%s","name":"a%[2]d","kind":"generic","state":"active","version_count":1,`+
				`"enabled_version_count":1,"created_at":%[4]d,"updated_at":%[4]d,"etag":"1"}`, pages, i, workspace, time.Now().Unix())
		}
		pages++
		_, _ = w.Write([]byte(`{"data":[` + strings.Join(rows, ",") + `],"has_more":true,"next_cursor":"next"}`))
	})
	p.press("Secrets")
	p.sees("There are more than 1,000 secrets, so the service filters them")
	p.fill("Name", "zz-")
	p.wait(1) // until the person has typed
	p.seesRows("zz-wanted")
	if n := len(p.made("GET /v1/secrets?limit=100&name_prefix=zz-")); n != 1 {
		t.Errorf("the service was asked %d times", n)
	}
}

func TestANewSecretIsCreatedFromAMaskedValueWhichIsNeverShown(t *testing.T) {
	p := visit(t)
	p.beginSecret()
	p.hasFocus("Name")
	p.fill("Name", "db-password")
	p.fill("Value", canary+"\nsecond line\n")
	p.sees("41 characters, 3 lines, ends with a line break.")
	p.Wait(`getComputedStyle(document.querySelector(".masked")).webkitTextSecurity === "disc"`)
	p.misses(canary)
	p.fill("Description (optional)", "the main one")
	p.fill("Labels (optional)", "team:payments\nurl: https://db:5432")
	p.press("Create")
	p.sees("“db-password” is created.")
	p.seesInRow("db-password", "the main one", "team:payments", "url:https://db:5432")
	p.hasFocus("db-password")
	p.wantNowhere(canary)

	created := p.made("POST /v1/secrets")
	if len(created) != 1 || created[0].key == "" {
		t.Fatalf("%+v: want one create, with a key", created)
	}
	o := p.stack.owner()
	id := o.call("GET /secrets?name=db-password", "")["data"].([]any)[0].(map[string]any)["id"].(string)
	if got := o.call("POST /secrets/"+id+"/versions/latest:access", "")["value"]; got != canary+"\nsecond line\n" {
		t.Errorf("another value is stored")
	}
}

func TestWhatIsWrongWithANewSecretIsSaidBesideItsField(t *testing.T) {
	p := visit(t)
	p.beginSecret()
	p.press("Create")
	p.sees("Give it a name.", "A value is needed.")
	p.hasFocus("Name")
	p.fill("Name", "hook")
	p.choose("Kind", "webhook_signing")
	p.fill("Value", "too short")
	p.press("Create")
	p.sees("Must have at least 16 characters to sign webhooks.")
	p.hasFocus("Value")
	p.fill("Value", canary)
	p.fill("Labels (optional)", "payments")
	p.press("Create")
	p.sees("payments: a label is a name, a colon and a value.")
	p.fill("Labels (optional)", "")
	p.press("Create")
	p.sees("“hook” is created.")
}

func TestACreateWhoseResponseIsLostIsTriedAgainAndDoneOnce(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	p.beginSecret()
	p.fill("Name", "db-password")
	p.fill("Value", canary)
	// It is done, and its response is lost, also if the browser itself sends the request again.
	p.play("POST /v1/secrets", 1_000, func(_ http.ResponseWriter, r *http.Request) {
		body := fmt.Sprintf(`{"name":"db-password","kind":"generic","value":%q}`, canary)
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		(&owner{s: p.stack, token: token}).call("POST /secrets", body, "Idempotency-Key", r.Header.Get("Idempotency-Key"))
		panic(http.ErrAbortHandler)
	})
	p.press("Create")
	p.sees("The service cannot be reached.", "Trying again does nothing twice.")
	p.stop()
	p.press("Create")
	p.sees("“db-password” is created.")
	if rows := o.call("GET /secrets", "")["data"].([]any); len(rows) != 1 {
		t.Errorf("there are %d secrets", len(rows))
	}
}

func TestADeleteIsUndoneByOneClick(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	o.create("a")
	id := o.create("b")
	o.create("c")
	p.enter()
	p.press("Secrets")
	p.seesRows("a", "b", "c")
	p.press("Delete b")
	p.sees("“b” is in the trash until " + time.Now().Add(30*day).UTC().Format("2 Jan 2006"))
	p.seesRows("a", "c")
	p.hasFocus("c")
	if o.state(id) != "soft_deleted" {
		t.Error("it is not deleted")
	}
	p.press("Undo")
	p.sees("“b” is back, with 1 version.")
	p.seesRows("a", "b", "c")
	p.hasFocus("b")
	deletes, undeletes := p.made("DELETE "), p.made("POST /v1/secrets/"+id+":undelete")
	if len(deletes) != 1 || deletes[0].ifMatch != `"1"` || len(undeletes) != 1 || undeletes[0].ifMatch != `"2"` || undeletes[0].key == "" {
		t.Errorf("%+v, %+v: want the etags that were seen, and a key", deletes, undeletes)
	}
}

func TestADeleteOfWhatSomebodyElseChangedIsNotDone(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	id := o.create("db-password")
	p.enter()
	p.press("Secrets")
	p.seesRows("db-password")
	o.call("PATCH /secrets/"+id, `{"name":"db-password-2"}`, "If-Match", "1")
	p.press("Delete db-password")
	p.sees("“db-password” is not deleted. It was changed by somebody else meanwhile.")
	p.seesRows("db-password-2")
	if o.state(id) != "active" {
		t.Error("it is deleted")
	}
}

func TestWithoutTheScopeToWriteTheMissingScopeIsNamedAndThenNothingIsOffered(t *testing.T) {
	p := visit(t)
	p.stack.owner().create("db-password")
	p.enter(auth.Read)
	p.press("Secrets")
	p.press("Delete db-password")
	p.sees("This token lacks the scope secrets:write. Use a token that has it.")
	for _, button := range []string{"Delete db-password", "New secret"} {
		if p.offered(button) {
			t.Errorf("%s is still offered", button)
		}
	}
}

func TestADialogKeepsTheFocusAndGivesItBack(t *testing.T) {
	p := visit(t)
	p.beginSecret()
	for range 12 {
		p.key(kb.Tab)
		if !browser.Evaluate[bool](p.Tab, `document.activeElement === document.body || document.activeElement.closest("dialog") !== null`) {
			t.Fatal("the focus is behind the dialog")
		}
	}
	p.fill("Value", canary)
	p.key(kb.Escape)
	p.Wait(`document.querySelector("dialog") === null`)
	p.hasFocus("New secret")
	p.wantNowhere(canary)
}
