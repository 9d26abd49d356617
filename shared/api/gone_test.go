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

func TestAKeyCountsForNoOtherChangeOfAVersionThanEnable(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	etag := s.call("get-secret-version", request{id: id, vid: vid}).str("etag")
	disable := request{id: id, vid: vid, headers: with("if-match", etag, "idempotency-key", "k")}
	s.call("disable-secret-version", disable).want(200)
	s.change("enable-secret-version", id, vid).want(200)
	s.call("disable-secret-version", disable).conflict("ABORTED")
}
