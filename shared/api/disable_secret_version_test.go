package api_test

import "testing"

func TestAStaleVersionEtagIsRefusedWithTheCurrentOne(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	current := s.call("get-secret-version", request{id: id, vid: vid}).str("etag")
	// The secret's own etag is not the version's.
	for _, stale := range []string{"1", "7", "x"} {
		m := s.call("disable-secret-version", request{id: id, vid: vid, headers: with("if-match", stale)}).conflict("ABORTED")
		if m["etag"] != current {
			t.Errorf("current etag %v, want %s", m["etag"], current)
		}
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
