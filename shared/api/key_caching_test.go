package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/api"
	"keepsake/shared/boot/keys"
	"keepsake/shared/envelope"
)

const keyAge = time.Minute

// cachingKeys starts a service whose access keeps keys for keyAge, by the test's clock.
func cachingKeys(t *testing.T) *service {
	t.Helper()
	s := start(t)
	access := s.as("access-secret-version")
	edge := access.Edge()
	edge.Now, edge.Log = func() time.Time { return s.now }, slogTo(&s.log)
	opener := keys.Opener(access)
	opener.Cache = envelope.NewKeyCache(keyAge, func() time.Time { return s.now })
	s.operations["access-secret-version"] = api.AccessSecretVersion(edge, access.Secrets(), access.Trail(), opener, nil)
	return s
}

// hot reads a secret's value, so that its key is kept.
func (s *service) hot(id string) string {
	s.t.Helper()
	if got := s.call("access-secret-version", request{id: id}).want(200).str("value"); got != plaintext {
		s.t.Error("another value came back")
	}
	return id
}

func TestAValueReadAgainDoesNotAskKMSAndLeavesItsLine(t *testing.T) {
	s := cachingKeys(t)
	id := s.hot(s.create())
	for vid, read := range map[string]string{"latest": "dynamodb:Query", firstVersionOf(id): "dynamodb:BatchGetItem"} {
		lines := len(s.trail())
		s.cloud.ResetCalls()
		s.log.Reset()
		s.call("access-secret-version", request{id: id, vid: vid}).want(200)
		s.wantCalls(read, "dynamodb:PutItem")
		if n := len(s.trail()) - lines; n != 1 {
			t.Errorf("%s: %d audit lines", vid, n)
		}
		if log := s.log.String(); strings.Contains(log, "KmsCalls") || strings.Contains(log, "kms_calls") {
			t.Errorf("%s: a call of KMS is counted that was not made: %s", vid, log)
		}
	}
}

func TestKeysAreNotKeptUnlessTheEnvironmentAsksForIt(t *testing.T) {
	for age, want := range map[string]int{"0s": 2, "300s": 1} {
		s := start(t)
		t.Setenv("KEY_CACHING", age)
		s.restart()
		id := s.create()
		s.cloud.ResetCalls()
		s.hot(s.hot(id))
		if n := s.called("kms:Decrypt"); n != want {
			t.Errorf("KEY_CACHING=%s: two reads asked KMS %d times, want %d", age, n, want)
		}
	}
}

func TestWhatMayNotBeReadIsNotReadThoughItsKeyIsKept(t *testing.T) {
	etag := func(s *service, id string) string { return s.call("get-secret", request{id: id}).want(200).str("etag") }
	changes := map[string]func(*service, string){
		"destroyed": func(s *service, id string) { s.change("destroy-secret-version", id, firstVersionOf(id)).want(200) },
		"disabled":  func(s *service, id string) { s.change("disable-secret-version", id, firstVersionOf(id)).want(200) },
		"deleted": func(s *service, id string) {
			s.call("delete-secret", request{id: id, headers: with("if-match", etag(s, id))}).want(204)
		},
		"hard-deleted": func(s *service, id string) { s.hardDelete(id, etag(s, id)).want(204) },
		"past its deadline": func(s *service, id string) {
			s.call("delete-secret", request{id: id, headers: with("if-match", etag(s, id))}).want(204)
			s.now = s.now.Add(retention)
		},
	}
	for name, change := range changes {
		s := cachingKeys(t)
		id := s.create()
		s.call("update-secret", request{id: id, headers: with("if-match", "1"), body: body(`{"version_aliases":{"stable":1}}`)}).want(200)
		s.hot(id)
		change(s, id)
		for _, vid := range []string{"latest", firstVersionOf(id), "stable"} {
			a := s.call("access-secret-version", request{id: id, vid: vid})
			if a.status == 200 || strings.Contains(a.text, plaintext) {
				t.Errorf("%s: %s still reads it: %d", name, vid, a.status)
			}
		}
	}
}

func TestADestroyedVersionDoesNotOpenThoughItsRowIsEnabledAgainByHand(t *testing.T) {
	s := cachingKeys(t)
	id := s.hot(s.create())
	s.change("destroy-secret-version", id, firstVersionOf(id)).want(200)
	s.set(id, "v#0000000001", "SET version_state = :s", map[string]types.AttributeValue{":s": &types.AttributeValueMemberS{Value: "enabled"}})
	s.call("access-secret-version", request{id: id, vid: firstVersionOf(id)}).fault(500, 7009)
}

func TestWithoutKMSAKeptKeyOpensForItsTimeAndNotLonger(t *testing.T) {
	s := cachingKeys(t)
	warm, cold := s.hot(s.create()), s.create()
	s.fail("kms", wire.Refuse(400, "DisabledException", ""))
	s.now = s.now.Add(keyAge - time.Nanosecond)
	s.hot(warm)
	s.call("access-secret-version", request{id: cold}).fault(503, 7011)
	s.hot(warm)
	s.now = s.now.Add(time.Nanosecond)
	s.call("access-secret-version", request{id: warm}).fault(503, 7011)
}

func TestWithoutAnAuditLineAKeptKeyRevealsNothing(t *testing.T) {
	s := cachingKeys(t)
	id := s.hot(s.create())
	s.refuse("PutItem")
	if a := s.call("access-secret-version", request{id: id}); a.status != 503 || strings.Contains(a.text, plaintext) {
		t.Errorf("%d %s", a.status, a.text)
	}
}
