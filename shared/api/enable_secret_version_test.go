package api_test

import (
	"sync"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
)

func TestAnEnableThatMeetsADeleteHasOneOutcome(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	etag := s.change("disable-secret-version", id, vid).want(200).str("etag")
	secretEtag := s.call("get-secret", request{id: id}).str("etag")
	// The delete happens between the enable's read and its write.
	var once sync.Once
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "TransactWriteItems" {
			once.Do(func() {
				s.call("delete-secret", request{id: id, headers: with("if-match", secretEtag)}).want(204)
			})
		}
		return wire.Pass()
	})
	s.call("enable-secret-version", request{id: id, vid: vid, headers: with("if-match", etag)}).fault(404, 7002)
	if got := s.call("get-secret-version", request{id: id, vid: vid}).str("state"); got != "disabled" {
		t.Errorf("state %s", got)
	}
}

func TestALateRetryOfAnEnableDoesNotUndoALaterDisable(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	etag := s.change("disable-secret-version", id, vid).want(200).str("etag")
	r := request{id: id, vid: vid, headers: with("if-match", etag, "idempotency-key", "k1")}
	s.call("enable-secret-version", r).want(200)
	later := s.change("disable-secret-version", id, vid).want(200).str("etag")
	if a := s.call("enable-secret-version", r).want(200); a.str("state") != "disabled" {
		t.Error("the retry undid a disable that it did not know of")
	}
	r.headers = with("if-match", later, "idempotency-key", "k1")
	s.call("enable-secret-version", r).conflict("IDEMPOTENCY_KEY_REUSED")
	r.headers = with("if-match", later, "idempotency-key", "k2")
	s.call("enable-secret-version", r).want(200)
}

func TestAnEnableThatHadNothingToDoIsKnownByItsKey(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	s.changeVersion("enable", vid, id, "1000000001", "k1").want(200)
	s.changeVersion("disable", vid, id, "1000000001", "").want(200)
	again := s.changeVersion("enable", vid, id, "1000000001", "k1").want(200)
	if again.str("state") != "disabled" || again.str("etag") != "1000000002" {
		t.Errorf("again %s", again.text)
	}
	// With an etag that would do it: still the same key, and so another request.
	s.changeVersion("enable", vid, id, "1000000002", "k1").conflict("IDEMPOTENCY_KEY_REUSED")
	s.changeVersion("enable", vid, id, "1000000002", "k2").want(200)
}

func TestAnEnableThatHadNothingToDoIsKnownThoughItsEtagIsCurrentSince(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	s.changeVersion("enable", vid, id, "1000000002", "k1").want(200)
	s.changeVersion("disable", vid, id, "1000000001", "").want(200)
	disabled := s.call("get-secret-version", request{id: id, vid: vid}).want(200)
	if again := s.changeVersion("enable", vid, id, "1000000002", "k1").want(200); again.text != disabled.text {
		t.Errorf("again %s, it is %s", again.text, disabled.text)
	}
}

func TestAnEnablesKeyIsForgottenAfterADay(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	s.changeVersion("disable", vid, id, "1000000001", "").want(200)
	s.changeVersion("enable", vid, id, "1000000002", "k1").want(200)
	s.changeVersion("disable", vid, id, "1000000003", "").want(200)
	if again := s.changeVersion("enable", vid, id, "1000000002", "k1").want(200); again.str("state") != "disabled" {
		t.Errorf("again %s", again.text)
	}
	s.now = s.now.Add(24 * time.Hour)
	s.changeVersion("enable", vid, id, "1000000002", "k1").conflict("ABORTED")
}

func TestAnEnablesKeyIsKnownThoughItsSecretIsDeletedSince(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	s.changeVersion("enable", vid, id, "1000000001", "k1").want(200)
	s.delete(id, "1").want(204)
	s.changeVersion("enable", vid, id, "1000000001", "k1").want(200)
	s.changeVersion("enable", vid, id, "1000000001", "k2").fault(404, 7002)
	s.now = s.now.Add(23 * time.Hour)
	s.hardDelete(id, "2").want(204)
	s.changeVersion("enable", vid, id, "1000000001", "k1").fault(404, 7002)
}

func TestAKeyThatMadeAVersionDoesNotEnableIt(t *testing.T) {
	s := start(t)
	id := s.create()
	made := s.call("create-secret-version", request{id: id, headers: with("idempotency-key", "k1"), body: body(`{"value":"another value"}`)}).want(201)
	s.changeVersion("enable", made.str("id"), id, made.str("etag"), "k1").conflict("IDEMPOTENCY_KEY_REUSED")
}
