package api_test

import (
	"strings"
	"testing"
)

func TestASoftDeletedSecretIsStillDescribed(t *testing.T) {
	s := start(t)
	a := s.call("get-secret", request{id: s.deleted()}).want(200)
	if a.json["state"] != "soft_deleted" || a.str("etag") != "2" || a.headers["ETag"] != `"2"` {
		t.Errorf("state %v, etag %v, ETag %v", a.json["state"], a.json["etag"], a.headers["ETag"])
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
