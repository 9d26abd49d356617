package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// query is what the gateway hands over of a raw query: it drops what it cannot decode.
func query(raw string) map[string]string {
	values, _ := url.ParseQuery(raw)
	out := map[string]string{}
	for name, all := range values {
		out[name] = strings.Join(all, ",")
	}
	return out
}

func (s *service) callRaw(operation, raw string, r request) response {
	s.t.Helper()
	s.raw = raw
	defer func() { s.raw = "" }()
	r.query = query(raw)
	return s.call(operation, r)
}

func TestAQueryThatCannotBeReadIsABadRequestAndNothingIsDone(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, c := range []struct{ operation, raw, path string }{
		{"delete-secret", "force=%zz", "query.force"},
		{"delete-secret", "force=tru%", "query.force"},
		{"delete-secret", "force=true;x=1", "query.force"},
		{"delete-secret", "x=1&force=true%3Bx", "query.force"},
		{"delete-secret", "force=true&force=true", "query.force"},
		{"delete-secret", "force=false&force=true", "query.force"},
		{"delete-secret", "force=false&f%6Frce=true", "query.force"},
		{"delete-secret", "force", "query.force"},
		{"delete-secret", "force=True", "query.force"},
		{"list-secrets", "limit=%zz", "query.limit"},
		{"list-secrets", "limit=1;x=1", "query.limit"},
		{"list-secrets", "limit=1&limit=1", "query.limit"},
		{"list-secrets", "kind=%g0", "query.kind"},
		{"list-secrets", "state=soft_deleted&state=active", "query.state"},
		{"list-secrets", "cursor=%zz", "query.cursor"},
		{"list-secret-versions", "state=%zz&limit=5", "query.state"},
	} {
		a := s.callRaw(c.operation, c.raw, request{id: id, headers: with("if-match", "1")})
		a.fault(400, 7001)
		if got := a.paths(); !slices.Equal(got, []string{c.path}) {
			t.Errorf("%s?%s: paths %v", c.operation, c.raw, got)
		}
	}
	if got := s.etag(id); got != "1" {
		t.Errorf("the secret is at etag %s", got)
	}
}

func TestAQueryIsReadAsItWasSentAndWhatIsUnknownPassedOver(t *testing.T) {
	s := start(t)
	for _, raw := range []string{"f%6Frce=tru%65", "a=%zz&force=true&forse=false&utm=1", "force=true&", "&&force=true"} {
		s.callRaw("delete-secret", raw, request{id: s.create(), headers: with("if-match", "1")}).want(204)
		if n := len(s.rowsOf("SecretsTable", "meta")); n != 0 {
			t.Errorf("?%s left %d rows", raw, n)
		}
	}
	// What is misspelt is a soft delete: the one that can be undone.
	id := s.create()
	s.callRaw("delete-secret", "forse=true", request{id: id, headers: with("if-match", "1")}).want(204)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2")}).want(200)
	s.callRaw("list-secrets", "limit=1&kind=cloud_provider%2Fhcloud&x=%zz", request{}).want(200)
}

func TestWhatMayBeChosenIsListedWithCommas(t *testing.T) {
	s := start(t)
	a := s.call("list-secrets", request{query: with("state", "gone")})
	if got := a.fault(400, 7001)["message"]; got != "must be one of active, soft_deleted" {
		t.Errorf("message %q", got)
	}
}
