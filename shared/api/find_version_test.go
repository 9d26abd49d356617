package api_test

import (
	"strings"
	"sync"
	"testing"

	"keepsake/infra/cloud/wire"
)

func TestAVersionThatTheAliasNoLongerNamesRefusesNothing(t *testing.T) {
	for _, change := range []string{"disable-secret-version", "destroy-secret-version"} {
		s := start(t)
		id := s.aliased()
		if change == "destroy-secret-version" { // by a container that has followed the alias before
			s.call("access-secret-version", request{id: id, vid: "prod"}).want(200)
		}
		s.before("dynamodb:BatchGetItem", 1, func() {
			s.pointProd(id, 2)
			s.change(change, id, firstVersionOf(id)).want(200)
		})
		if got := s.call("access-secret-version", request{id: id, vid: "prod"}).want(200).str("value"); got != "second" {
			t.Errorf("%s: prod is not the second version", change)
		}
	}
}

func TestAnAliasThatMovesMeanwhileIsFollowed(t *testing.T) {
	s := start(t)
	id := s.aliased()
	s.before("dynamodb:BatchGetItem", 1, func() { s.pointProd(id, 2) })
	if got := s.call("access-secret-version", request{id: id, vid: "prod"}).want(200).str("value"); got != "second" {
		t.Error("prod is not the second version")
	}
}

func TestAnAliasTakenAwayMeanwhileIsNotFound(t *testing.T) {
	s := start(t)
	id := s.aliased()
	s.before("dynamodb:BatchGetItem", 1, func() {
		s.update(id, s.etag(id), `{"version_aliases":{}}`).want(200)
	})
	s.call("access-secret-version", request{id: id, vid: "prod"}).fault(404, 7002)
}

// readWhileProdMoves reads the first version by its alias. It is disabled, and then enabled, and its alias moved
// away and back, between two readings that both find the alias on it.
func (s *service) readWhileProdMoves(id string) {
	s.t.Helper()
	s.change("disable-secret-version", id, firstVersionOf(id)).want(200)
	s.before("dynamodb:BatchGetItem", 2, func() {
		s.pointProd(id, 2)
		s.change("enable-secret-version", id, firstVersionOf(id)).want(200)
		s.pointProd(id, 1)
	})
	if got := s.call("access-secret-version", request{id: id, vid: "prod"}).want(200).str("value"); got != plaintext {
		s.t.Error("prod is not the first version")
	}
}

func TestARefusalByAliasIsReadTwice(t *testing.T) {
	s := start(t)
	id := s.aliased()
	s.readWhileProdMoves(id)
}

func TestARefusalByAliasCostsOneReadMore(t *testing.T) {
	s := start(t)
	id := s.aliased()
	s.change("disable-secret-version", id, firstVersionOf(id)).want(200)
	s.cloud.ResetCalls()
	s.call("access-secret-version", request{id: id, vid: "prod"}).conflict("FAILED_PRECONDITION")
	s.wantCalls("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem")
}

func TestAnAliasThatMovesForEverIsUnavailable(t *testing.T) {
	s := start(t)
	id := s.aliased()
	s.cloud.ResetCalls() // a read is one call: the alias moves with each
	var mu sync.Mutex
	reads := 0
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Name() != "dynamodb:BatchGetItem" {
			return wire.Pass()
		}
		mu.Lock()
		reads++
		next := 1 + reads%2
		mu.Unlock()
		s.pointProd(id, next)
		return wire.Pass()
	})
	defer s.cloud.Hook(nil)
	s.call("access-secret-version", request{id: id, vid: "prod"}).fault(503, 7011)
	if reads != 5 {
		t.Errorf("%d readings", reads)
	}
}

func TestARefusalByAliasCountsOnceNothingMovedBetweenReadings(t *testing.T) {
	s := start(t)
	id := s.aliased()
	s.change("disable-secret-version", id, firstVersionOf(id)).want(200)
	s.before("dynamodb:BatchGetItem", 2, func() {
		s.pointProd(id, 2)
		s.pointProd(id, 1)
		s.cloud.ResetCalls()
	})
	s.call("access-secret-version", request{id: id, vid: "prod"}).conflict("FAILED_PRECONDITION")
	s.wantCalls("dynamodb:BatchGetItem", "dynamodb:PutItem")
}

// The container has followed the alias, so one reading may be enough; but not for a refusal.
func TestARefusalByAnAliasThatIsKnownIsReadTwiceToo(t *testing.T) {
	s := start(t)
	id := s.aliased()
	s.call("access-secret-version", request{id: id, vid: "prod"}).want(200)
	s.readWhileProdMoves(id)
}

// What happens while a container reads the version that was the latest when it last looked.
func TestTheLatestThatIsKnownIsReadAnewIfAnythingChanges(t *testing.T) {
	for name, c := range map[string]struct {
		versions int
		change   func(s *service, id, latest string)
		value    string
	}{
		"a newer one, of one": {1, func(s *service, id, _ string) { s.version(id, "newer") }, "newer"},
		"a newer one, of two": {2, func(s *service, id, _ string) { s.version(id, "newer") }, "newer"},
		"it is disabled, and there is a newer one": {2, func(s *service, id, latest string) {
			s.change("disable-secret-version", id, latest).want(200)
			s.version(id, "newer")
		}, "newer"},
		"it is disabled": {2, func(s *service, id, latest string) { s.change("disable-secret-version", id, latest).want(200) }, plaintext},
		"it is disabled, and enabled again": {2, func(s *service, id, latest string) {
			s.change("disable-secret-version", id, latest).want(200)
			s.change("enable-secret-version", id, latest).want(200)
		}, "second"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			id := s.create()
			latest := firstVersionOf(id)
			if c.versions == 2 {
				latest = s.version(id, "second").str("id")
			}
			s.call("access-secret-version", request{id: id}).want(200)
			s.before("dynamodb:Query", 1, func() { c.change(s, id, latest) })
			if got := s.call("access-secret-version", request{id: id}).want(200).str("value"); got != c.value {
				t.Error("another value was read")
			}
		})
	}
}

func TestTheLatestIsTheNewestEnabledVersion(t *testing.T) {
	s := start(t)
	id := s.create()
	third := ""
	for _, value := range []string{"second", "third"} {
		third = s.version(id, value).str("id")
	}
	s.change("disable-secret-version", id, third).want(200)
	if got := s.call("access-secret-version", request{id: id}).str("value"); got != "second" {
		t.Error("latest is not the newest enabled version")
	}
	s.change("destroy-secret-version", id, strings.Replace(third, "_3", "_2", 1)).want(200)
	if got := s.call("access-secret-version", request{id: id}).str("value"); got != plaintext {
		t.Error("latest is not the newest enabled version")
	}
	s.change("enable-secret-version", id, third).want(200)
	if got := s.call("access-secret-version", request{id: id}).str("value"); got != "third" {
		t.Error("latest is not the newest enabled version")
	}
	for _, vid := range []string{firstVersionOf(id), third} {
		s.change("disable-secret-version", id, vid).want(200)
	}
	s.call("access-secret-version", request{id: id}).fault(404, 7002)
}

func TestAnAliasLeadsToItsVersion(t *testing.T) {
	s := start(t)
	id := s.create()
	s.version(id, "second")
	s.call("update-secret", request{id: id, headers: with("if-match", "2"), body: body(`{"version_aliases":{"prod":1,"next":2}}`)}).want(200)
	s.cloud.ResetCalls()
	if got := s.call("access-secret-version", request{id: id, vid: "prod"}).want(200).str("value"); got != plaintext {
		t.Error("prod is not version 1")
	}
	if n := len(s.cloud.Calls()); n != 4 {
		t.Errorf("%d calls, want one read more than by id", n)
	}
	if got := s.call("access-secret-version", request{id: id, vid: "next"}).want(200).str("value"); got != "second" {
		t.Error("next is not version 2")
	}
	s.call("access-secret-version", request{id: id, vid: "none"}).fault(404, 7002)
	s.change("destroy-secret-version", id, firstVersionOf(id)).want(200)
	s.call("access-secret-version", request{id: id, vid: "prod"}).fault(410, 7014)
}
