package api_test

import (
	"net/http"
	"testing"

	"keepsake/infra/cloud/wire"
)

// TestAVersionIsGoneWithItsSecret looks while the rows of the versions still lie in the table.
func TestAVersionIsGoneWithItsSecret(t *testing.T) {
	s := start(t)
	expired, forced := s.deleted(), s.create()
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "BatchWriteItem" {
			return wire.Refuse(http.StatusBadRequest, "ValidationException", "no")
		}
		return wire.Pass()
	})
	s.hardDelete(forced, "1").want(204)
	s.cloud.Hook(nil)
	for _, id := range []string{expired, forced} {
		if id == expired {
			s.call("get-secret-version", request{id: id, vid: firstVersionOf(id)}).want(200)
			s.call("list-secret-versions", request{id: id}).want(200)
			s.now = s.now.Add(retention)
		}
		s.call("get-secret-version", request{id: id, vid: firstVersionOf(id)}).fault(404, 7002)
		s.call("list-secret-versions", request{id: id}).fault(404, 7002)
		s.call("access-secret-version", request{id: id, vid: firstVersionOf(id)}).fault(404, 7002)
		s.call("access-secret-version", request{id: id}).fault(404, 7002)
	}
	if n := len(s.rowsOf("SecretsTable", "v#0000000001")); n != 2 {
		t.Errorf("%d versions are in the table: there was nothing to hide", n)
	}
}

func TestAnUnknownVersionIsToldFromAnUnknownSecret(t *testing.T) {
	s := start(t)
	id := s.create()
	for vid, id := range map[string]string{"secv_1": id, firstVersionOf(id) + "7": id, firstVersionOf("sec_x"): "sec_x"} {
		want := "Not Found: the secret has no such version"
		if id == "sec_x" {
			want = "Not Found: there is no such secret"
		}
		if got := s.call("get-secret-version", request{id: id, vid: vid}).fault(404, 7002)["message"]; got != want {
			t.Errorf("%s: message %q, want %q", vid, got, want)
		}
	}
}
