package api_test

import (
	"slices"
	"sync"
	"testing"

	"keepsake/infra/cloud/wire"
)

func TestAVersionThatTheAliasNoLongerNamesRefusesNothing(t *testing.T) {
	for _, change := range []string{"disable-secret-version", "destroy-secret-version"} {
		s := start(t)
		id := s.aliased()
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

// A version is disabled, and its alias moved, between two readings that both find the alias on it.
func TestARefusalByAliasIsReadTwice(t *testing.T) {
	s := start(t)
	id := s.aliased()
	s.change("disable-secret-version", id, firstVersionOf(id)).want(200)
	s.before("dynamodb:BatchGetItem", 2, func() {
		s.pointProd(id, 2)
		s.change("enable-secret-version", id, firstVersionOf(id)).want(200)
		s.pointProd(id, 1)
	})
	if got := s.call("access-secret-version", request{id: id, vid: "prod"}).want(200).str("value"); got != plaintext {
		t.Error("prod is not the first version")
	}
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

func TestAnUnknownVersionOrAliasOfASecretLeavesALine(t *testing.T) {
	s := start(t)
	id := s.create()
	asked := map[string]string{ // what is asked for, and the version that the line names
		"nope": "nope", firstVersionOf(id)[:len(firstVersionOf(id))-1] + "7": firstVersionOf(id)[:len(firstVersionOf(id))-1] + "7",
		"secv_other_1": "secv_other_1", "hunter 2": "",
	}
	for vid := range asked {
		message := s.call("access-secret-version", request{id: id, vid: vid}).fault(404, 7002)["message"]
		want := "Not Found: the secret has no such version"
		if vid == "nope" || vid == "hunter 2" {
			want = "Not Found: the secret has no such alias"
		}
		if message != want {
			t.Errorf("%s: %q", vid, message)
		}
	}
	s.change("disable-secret-version", id, firstVersionOf(id)).want(200)
	asked["latest"] = "latest"
	if got := s.call("access-secret-version", request{id: id}).fault(404, 7002)["message"]; got != "Not Found: the secret has no enabled version" {
		t.Errorf("latest: %q", got)
	}
	var want, got []string
	for _, version := range asked {
		want = append(want, version)
	}
	for _, line := range s.trail() {
		version, _ := line["version"].(string)
		got = append(got, version)
		if line["outcome"] != "denied" || line["reason"] != "not_found" || line["pk"] != workspace+"#"+id {
			t.Errorf("line %v", line)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("lines of %q, want %q", got, want)
	}
	for _, unknown := range []string{"sec_1", "nothing"} {
		for _, vid := range []string{"latest", "prod", firstVersionOf(unknown)} {
			s.call("access-secret-version", request{id: unknown, vid: vid}).fault(404, 7002)
		}
	}
	if n := len(s.trail()); n != len(asked) {
		t.Errorf("%d lines with those of secrets that are not there", n)
	}
}

func TestAnAccessTakesNoBody(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, text := range []string{"", "null", " null ", "{}"} {
		s.call("access-secret-version", request{id: id, body: &text}).want(200)
	}
	lines := len(s.trail())
	for text, path := range map[string]string{`{"vid":"1"}`: "body.vid", "[": "body", "7": "body", `""`: "body"} {
		a := s.call("access-secret-version", request{id: id, body: &text})
		a.fault(400, 7001)
		if got := a.paths(); !slices.Equal(got, []string{path}) {
			t.Errorf("%s: paths %v", text, got)
		}
	}
	if n := len(s.trail()); n != lines {
		t.Errorf("%d lines of requests that are not valid", n-lines)
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
