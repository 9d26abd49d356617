package api_test

import (
	"strings"
	"testing"

	"keepsake/infra/cloud/wire"
)

func TestAHardDeleteLeavesNothingAndThereIsNoWayBack(t *testing.T) {
	for name, prepare := range map[string]func(*service) (id, etag string){
		"active":       func(s *service) (string, string) { return s.create(), "1" },
		"soft-deleted": func(s *service) (string, string) { return s.deleted(), "2" },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			id, etag := prepare(s)
			a := s.hardDelete(id, etag).want(204)
			if a.text != "" {
				t.Errorf("body %q", a.text)
			}
			s.call("get-secret", request{id: id}).fault(404, 7002)
			s.call("undelete-secret", request{id: id, headers: with("if-match", etag)}).fault(404, 7002)
			s.call("access-secret-version", request{id: id}).fault(404, 7002)
			s.hardDelete(id, etag).fault(404, 7002)
			if n := len(s.rowsOf("SecretsTable", "")); n != 0 {
				t.Errorf("%d rows are left", n)
			}
		})
	}
}

func TestAHardDeleteErasesManyVersions(t *testing.T) {
	s := start(t)
	id := s.create()
	for range 30 {
		s.version(id, "another")
	}
	s.hardDelete(id, s.call("get-secret", request{id: id}).str("etag")).want(204)
	if n := len(s.rowsOf("SecretsTable", "")); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func TestAHardDeleteWithAStaleEtagDeletesNothing(t *testing.T) {
	s := start(t)
	id := s.create()
	if m := s.hardDelete(id, "7").conflict("ABORTED"); m["etag"] != "1" {
		t.Errorf("current etag %v", m["etag"])
	}
	s.call("access-secret-version", request{id: id}).want(200)
}

func TestFromTheMarkOnASecretIsGoneThoughItsRowsAreThere(t *testing.T) {
	s := start(t)
	id := s.create()
	s.cloud.Hook(func(c wire.Call) wire.Verdict { // the function is killed behind its first write
		if strings.HasPrefix(c.Action, "Batch") || c.Action == "Query" || c.Action == "DeleteItem" {
			return wire.LoseRequest()
		}
		return wire.Pass()
	})
	s.hardDelete(id, "1").want(204)
	s.cloud.Hook(nil)
	if n := len(s.rowsOf("SecretsTable", "")); n != 2 {
		t.Fatalf("%d rows, want the mark and the version", n)
	}
	s.call("get-secret", request{id: id}).fault(404, 7002)
	s.call("get-secret-version", request{id: id, vid: firstVersionOf(id)}).fault(404, 7002)
	s.call("list-secret-versions", request{id: id}).fault(404, 7002)
	s.call("access-secret-version", request{id: id}).fault(404, 7002)
	s.call("access-secret-version", request{id: id, vid: firstVersionOf(id)}).fault(404, 7002)
	for _, etag := range []string{"1", "2"} {
		s.call("update-secret", request{id: id, headers: with("if-match", etag), body: body(`{"name":"x"}`)}).fault(404, 7002)
		s.call("undelete-secret", request{id: id, headers: with("if-match", etag)}).fault(404, 7002)
		s.call("delete-secret", request{id: id, headers: with("if-match", etag)}).fault(404, 7002)
		s.hardDelete(id, etag).fault(404, 7002)
	}
	s.call("create-secret-version", request{id: id, body: body(`{"value":"x"}`)}).fault(404, 7002)
	for _, verb := range []string{"enable", "disable", "destroy"} {
		s.call(verb+"-secret-version", request{id: id, vid: firstVersionOf(id), headers: with("if-match", "1")}).fault(404, 7002)
	}
	for _, state := range []string{"active", "soft_deleted"} {
		if n := len(s.call("list-secrets", request{query: with("state", state)}).json["data"].([]any)); n != 0 {
			t.Errorf("%d secrets are listed as %s", n, state)
		}
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

func TestOnlyForceThatIsTrueIsAHardDelete(t *testing.T) {
	s := start(t)
	for _, force := range []string{"false", "null"} {
		id := s.create()
		s.call("delete-secret", request{id: id, headers: with("if-match", "1"), query: with("force", force)}).want(204)
		s.call("undelete-secret", request{id: id, headers: with("if-match", "2")}).want(200)
	}
	id := s.create()
	s.call("delete-secret", request{id: id, headers: with("if-match", "1"), query: with("force", "true")}).want(204)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2")}).fault(404, 7002)
}
