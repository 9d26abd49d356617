package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/auth"
)

// What an idempotency key promises for a day, whatever happens to the resource meanwhile.

func TestEachUndeletesKeyIsKnownForADayWhateverOtherKeysCameSince(t *testing.T) {
	s := start(t)
	id := s.deleted()
	etag := 2
	for n := range 12 {
		s.undelete(id, fmt.Sprint(etag), fmt.Sprint("k", n)).want(200)
		s.delete(id, fmt.Sprint(etag+1)).want(204)
		etag += 2
	}
	s.now = s.now.Add(24*time.Hour - time.Second)
	for n := range 12 {
		again := s.undelete(id, fmt.Sprint(2+2*n), fmt.Sprint("k", n)).want(200)
		if again.str("state") != "soft_deleted" || again.str("etag") != fmt.Sprint(etag) {
			t.Errorf("key %d: %s", n, again.text)
		}
	}
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

// uses are requests under one key, each about something else.
func (s *service) uses(key string) map[string]func() answer {
	one, other, active, second := s.deleted(), s.deleted(), s.create(), s.create()
	keyed := with("idempotency-key", key)
	return map[string]func() answer{
		"create": func() answer {
			return s.call("create-secret", request{headers: keyed, body: body(createBody)})
		},
		"create version": func() answer {
			return s.call("create-secret-version", request{id: active, headers: keyed, body: body(`{"value":"another value"}`)})
		},
		"create another's version": func() answer {
			return s.call("create-secret-version", request{id: second, headers: keyed, body: body(`{"value":"another value"}`)})
		},
		"undelete":         func() answer { return s.undelete(one, "2", key) },
		"undelete another": func() answer { return s.undelete(other, "2", key) },
		"enable":           func() answer { return s.changeVersion("enable", firstVersionOf(active), active, "1000000001", key) },
		"enable another":   func() answer { return s.changeVersion("enable", firstVersionOf(second), second, "1000000001", key) },
	}
}

func TestOneKeyAtAnotherOperationOrTargetIsRefused(t *testing.T) {
	s := start(t)
	for first := range s.uses("") {
		t.Run(first, func(t *testing.T) {
			uses := s.uses("key of " + first)
			if a := uses[first](); a.status != 200 && a.status != 201 {
				t.Fatalf("status %d: %s", a.status, a.text)
			}
			for name, use := range uses {
				if a := use(); name == first && a.status >= 400 || name != first && a.status != 409 {
					t.Errorf("then %s: status %d, %s", name, a.status, a.text)
				}
			}
		})
	}
}

func TestAKeyOfAnotherSecretRestoresNoneThoughTheEtagIsTheSame(t *testing.T) {
	s := start(t)
	one, other := s.deleted(), s.deleted()
	s.undelete(one, "2", "k1").want(200)
	s.undelete(other, "2").want(200)
	s.undelete(other, "2", "k1").conflict("IDEMPOTENCY_KEY_REUSED")
}

func TestAKeyThatMadeAVersionDoesNotEnableIt(t *testing.T) {
	s := start(t)
	id := s.create()
	made := s.call("create-secret-version", request{id: id, headers: with("idempotency-key", "k1"), body: body(`{"value":"another value"}`)}).want(201)
	s.changeVersion("enable", made.str("id"), id, made.str("etag"), "k1").conflict("IDEMPOTENCY_KEY_REUSED")
}

func TestAKeyIsBoundToThePrincipalThatUsedIt(t *testing.T) {
	s := start(t)
	r := request{headers: with("idempotency-key", "k1"), body: body(createBody)}
	id := s.call("create-secret", r).want(201).str("id")
	version := request{id: id, headers: with("idempotency-key", "k2"), body: body(`{"value":"0427"}`)}
	s.call("create-secret-version", version).want(201)
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Write}})
	s.call("create-secret", r).conflict("IDEMPOTENCY_KEY_REUSED")
	s.call("create-secret-version", version).conflict("IDEMPOTENCY_KEY_REUSED")
}

func TestAKeyThatIsReusedWithAnotherRequestLeavesALine(t *testing.T) {
	s := start(t)
	r := request{headers: with("idempotency-key", "k1"), body: body(createBody)}
	id := s.call("create-secret", r).want(201).str("id")
	guess := request{headers: r.headers, body: body(`{"name":"db","kind":"generic","value":"0427"}`)}
	s.call("create-secret", guess).conflict("IDEMPOTENCY_KEY_REUSED")
	version := request{id: id, headers: with("idempotency-key", "k2"), body: body(`{"value":"0427"}`)}
	s.call("create-secret-version", version).want(201)
	version.body = body(`{"value":"0428"}`)
	s.call("create-secret-version", version).conflict("IDEMPOTENCY_KEY_REUSED")
	lines := s.trail()
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		if line["pk"] != workspace+"#"+id || line["outcome"] != "denied" || line["reason"] != "key_reused" {
			t.Errorf("line %v", line)
		}
	}
	s.cloud.Hook(func(c wire.Call) wire.Verdict { // the trail is away: the refusal stands
		if c.Action == "PutItem" {
			return wire.Refuse(400, "ResourceNotFoundException", "")
		}
		return wire.Pass()
	})
	s.call("create-secret", guess).conflict("IDEMPOTENCY_KEY_REUSED")
}

func TestAnUndeleteUnderAKeyWhoseAnswerIsLostIsASuccessThoughOthersWroteSince(t *testing.T) {
	s := start(t)
	id := s.deleted()
	s.meanwhile("TransactWriteItems", wire.LoseAnswer(), func() { s.delete(id, "3").want(204) })
	if a := s.undelete(id, "2", "k1").want(200); a.str("state") != "soft_deleted" || a.str("etag") != "4" {
		t.Errorf("%s", a.text)
	}
}

func TestHalfATransactionOfARestoredTableIsMended(t *testing.T) {
	s := start(t)
	id := s.create()
	s.version(id, "the second value")
	s.uncount(id)
	third := s.call("create-secret-version", request{id: id, body: body(`{"value":"the third value"}`)}).want(201)
	if n := third.json["version_number"]; n != float64(3) {
		t.Errorf("version %v", n)
	}
	found := s.call("get-secret", request{id: id}).want(200)
	if found.json["version_count"] != float64(3) || found.json["enabled_version_count"] != float64(3) {
		t.Errorf("%s", found.text)
	}
	if value := s.call("access-secret-version", request{id: id, vid: "secv_" + id[len("sec_"):] + "_2"}).want(200).str("value"); value != "the second value" {
		t.Errorf("version 2 holds %q", value)
	}
}

// uncount leaves of the transaction that made a secret's second version the version alone.
func (s *service) uncount(id string) { s.count(id, 1) }

func TestASecretTakesNoMoreThanAHundredThousandVersions(t *testing.T) {
	s := start(t)
	id := s.create()
	r := request{id: id, headers: with("idempotency-key", "k1"), body: body(`{"value":"another value"}`)}
	s.count(id, 99_999)
	last := s.call("create-secret-version", r).want(201)
	if n := last.json["version_number"]; n != float64(100_000) {
		t.Errorf("version %v", n)
	}
	s.call("create-secret-version", request{id: id, body: r.body}).conflict("FAILED_PRECONDITION")
	if again := s.call("create-secret-version", r).want(201); again.str("id") != last.str("id") {
		t.Errorf("a retry of the last one made %s", again.str("id"))
	}
	// Such a secret can still be deleted and brought back.
	etag := s.call("get-secret", request{id: id}).str("etag")
	s.undelete(id, strings.Trim(s.delete(id, etag).want(204).headers["ETag"], `"`)).want(200)
}
