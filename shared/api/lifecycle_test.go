package api_test

import (
	"strings"
	"testing"
	"time"
)

func TestASecretDeletedByMistakeComesBackWholeWithOneCall(t *testing.T) {
	s := start(t)
	made := s.call("create-secret", request{body: body(`{"name":"db","kind":"generic","value":"` + plaintext + `","description":"d","labels":{"env":"prod"}}`)}).want(201)
	id := made.str("id")
	s.call("access-secret-version", request{id: id}).want(200)

	s.call("delete-secret", request{id: id, headers: with("if-match", made.str("etag"))}).want(204)
	s.call("access-secret-version", request{id: id}).fault(404, 7002)
	etag := s.call("get-secret", request{id: id}).want(200).str("etag")

	restored := s.call("undelete-secret", request{id: id, headers: with("if-match", etag)}).want(200)
	for _, field := range []string{"id", "name", "kind", "description", "state", "version_count", "enabled_version_count", "created_at", "html_url"} {
		if restored.json[field] != made.json[field] {
			t.Errorf("%s was %v and is %v", field, made.json[field], restored.json[field])
		}
	}
	if restored.json["labels"].(map[string]any)["env"] != "prod" {
		t.Error("the labels did not come back")
	}
	for _, field := range []string{"deleted_at", "purge_at"} {
		if _, there := restored.json[field]; there {
			t.Errorf("%s is still there", field)
		}
	}
	if got := s.call("access-secret-version", request{id: id}).want(200).str("value"); got != plaintext {
		t.Error("the value that came back is another")
	}
}

func TestCreateAnswersWithTheSecretAndWithoutItsValue(t *testing.T) {
	s := start(t)
	a := s.call("create-secret", request{body: body(`{"name":"hetzner","kind":"cloud_provider/hcloud","value":"` + plaintext + `"}`)}).want(201)
	if strings.Contains(a.text, plaintext) {
		t.Error("the value is in the answer")
	}
	if !strings.HasPrefix(a.str("id"), "sec_") || len(a.str("id")) > 54 {
		t.Errorf("id %q", a.str("id"))
	}
	if a.headers["ETag"] != `"`+a.str("etag")+`"` {
		t.Errorf("ETag %s, etag %s", a.headers["ETag"], a.str("etag"))
	}
	want := map[string]any{
		"workspace_id": workspace, "name": "hetzner", "kind": "cloud_provider/hcloud", "state": "active",
		"version_count": 1.0, "enabled_version_count": 1.0, "etag": "1",
		"created_at": float64(s.now.Unix()), "updated_at": float64(s.now.Unix()),
		"html_url": "https://keepsake.example.com/workspaces/" + workspace + "/secrets/" + a.str("id"),
	}
	for field, value := range want {
		if a.json[field] != value {
			t.Errorf("%s is %v, want %v", field, a.json[field], value)
		}
	}
	if a.json["validation"].(map[string]any)["state"] != "unspecified" {
		t.Errorf("validation %v", a.json["validation"])
	}
	for _, field := range []string{"description", "labels", "mime_type", "version_aliases", "deleted_at", "purge_at"} {
		if _, there := a.json[field]; there {
			t.Errorf("%s has no value and is there", field)
		}
	}
}

func TestValidationIsNullWhereThereIsNoProvider(t *testing.T) {
	s := start(t)
	a := s.call("create-secret", request{body: body(createBody)}).want(201)
	if value, there := a.json["validation"]; !there || value != nil {
		t.Errorf("validation is %v, want null", value)
	}
}

func TestADeletedSecretIsGoneAtItsDeadlineAndNotASecondBefore(t *testing.T) {
	s := start(t)
	id := s.deleted()
	deletedAt := s.now

	s.now = deletedAt.Add(retention - time.Second)
	a := s.call("get-secret", request{id: id}).want(200)
	if a.json["purge_at"] != float64(deletedAt.Add(retention).Unix()) || a.json["deleted_at"] != float64(deletedAt.Unix()) {
		t.Errorf("deleted_at %v, purge_at %v", a.json["deleted_at"], a.json["purge_at"])
	}

	s.now = deletedAt.Add(retention)
	s.call("get-secret", request{id: id}).fault(404, 7002)
	s.call("access-secret-version", request{id: id}).fault(404, 7002)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2")}).fault(404, 7002)
	s.call("delete-secret", request{id: id, headers: with("if-match", "2")}).fault(404, 7002)

	s.now = deletedAt.Add(retention - time.Second)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2")}).want(200)
}

func TestASoftDeletedSecretIsStillDescribed(t *testing.T) {
	s := start(t)
	a := s.call("get-secret", request{id: s.deleted()}).want(200)
	if a.json["state"] != "soft_deleted" || a.str("etag") != "2" || a.headers["ETag"] != `"2"` {
		t.Errorf("state %v, etag %v, ETag %v", a.json["state"], a.json["etag"], a.headers["ETag"])
	}
}

func TestDeletingTwiceIsNotFound(t *testing.T) {
	s := start(t)
	id := s.deleted()
	s.call("delete-secret", request{id: id, headers: with("if-match", "2")}).fault(404, 7002)
}

func TestDeleteAnswersWithTheEtagThatUndoesIt(t *testing.T) {
	s := start(t)
	a := s.call("delete-secret", request{id: s.create(), headers: with("if-match", "1")}).want(204)
	if a.text != "" || a.headers["ETag"] != `"2"` || a.headers["Content-Type"] != "" {
		t.Errorf("body %q, headers %v", a.text, a.headers)
	}
}

func TestForceIsTrueFalseOrNull(t *testing.T) {
	s := start(t)
	for _, force := range []string{"yes", "1", "", "TRUE", "true,false"} {
		a := s.call("delete-secret", request{id: s.create(), headers: with("if-match", "1"), query: with("force", force)})
		a.fault(400, 7001)
		if got := a.paths(); got[0] != "query.force" {
			t.Errorf("force=%s: paths %v", force, got)
		}
	}
	for _, force := range []string{"false", "null"} {
		s.call("delete-secret", request{id: s.create(), headers: with("if-match", "1"), query: with("force", force)}).want(204)
	}
}

func TestAnotherWorkspacesSecretCannotBeToldFromNone(t *testing.T) {
	s := start(t)
	id := s.deleted()
	active := s.create()
	s.token = s.mint(grantFor("ws_other"))
	for _, operation := range []string{"get-secret", "delete-secret", "undelete-secret", "access-secret-version"} {
		none := s.call(operation, request{id: "sec_00000000000000000000000000", headers: with("if-match", "2")})
		for _, foreign := range []string{id, active} {
			a := s.call(operation, request{id: foreign, headers: with("if-match", "2")})
			a.fault(404, 7002)
			if a.text != none.text {
				t.Errorf("%s: %s, but for none: %s", operation, a.text, none.text)
			}
		}
	}
}

func TestAnIDThatNamesNothingIsNotFoundWhateverItsForm(t *testing.T) {
	s := start(t)
	for _, id := range []string{"x", "sec_", "sec_nope", "sec_a#meta", "key#abc", "sec_é", "..", "\x00", strings.Repeat("é", 54)} {
		s.call("get-secret", request{id: id}).fault(404, 7002)
		s.call("access-secret-version", request{id: id, vid: "secv_1"}).fault(404, 7002)
		s.call("undelete-secret", request{id: id, headers: with("if-match", "1")}).fault(404, 7002)
	}
	a := s.call("get-secret", request{id: strings.Repeat("é", 55)})
	a.fault(400, 7001)
	if got := a.paths(); got[0] != "params.id" {
		t.Errorf("paths %v", got)
	}
}
