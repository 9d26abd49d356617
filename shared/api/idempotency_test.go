package api_test

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func TestACreateRetriedUnderItsKeyMakesOneSecret(t *testing.T) {
	s := start(t)
	r := request{headers: with("idempotency-key", "k1"), body: body(createBody)}
	first := s.call("create-secret", r).want(201)
	s.restart()
	again := s.call("create-secret", r).want(201)
	if again.text != first.text {
		t.Errorf("first %s, again %s", first.text, again.text)
	}
}

func TestARetriedCreateAnswersWithTheSecretAsItIsNow(t *testing.T) {
	s := start(t)
	r := request{headers: with("idempotency-key", "k1"), body: body(createBody)}
	id := s.call("create-secret", r).want(201).str("id")
	s.call("delete-secret", request{id: id, headers: with("if-match", "1")}).want(204)
	again := s.call("create-secret", r).want(201)
	if again.str("id") != id || again.str("state") != "soft_deleted" || again.str("etag") != "2" {
		t.Errorf("again %s", again.text)
	}
	s.now = s.now.Add(retention)
	s.call("create-secret", request{headers: r.headers, body: r.body}).want(201)
}

func TestTheSameRequestSpeltAnotherWayIsTheSame(t *testing.T) {
	s := start(t)
	first := s.call("create-secret", request{headers: with("idempotency-key", "k1"), body: body(createBody)}).want(201)
	spelt := ` { "value" : "` + plaintext + `", "kind":"generic", "description": null, "name" : "\u0064b" } `
	again := s.call("create-secret", request{headers: with("idempotency-key", "k1"), body: &spelt}).want(201)
	if again.str("id") != first.str("id") {
		t.Error("a second secret was made")
	}
}

func TestKeysOfTwoWorkspacesNeverMeet(t *testing.T) {
	s := start(t)
	r := request{headers: with("idempotency-key", "k1"), body: body(createBody)}
	first := s.call("create-secret", r).want(201).str("id")
	s.token = s.mint(grantFor("ws_other"))
	if second := s.call("create-secret", r).want(201).str("id"); second == first {
		t.Error("both workspaces got one secret")
	}
}

func TestAKeyIsForgottenAfterADay(t *testing.T) {
	s := start(t)
	r := request{headers: with("idempotency-key", "k1"), body: body(createBody)}
	first := s.call("create-secret", r).want(201).str("id")
	s.now = s.now.Add(24*time.Hour - time.Second)
	if again := s.call("create-secret", r).want(201).str("id"); again != first {
		t.Error("the key was forgotten before its time")
	}
	s.now = s.now.Add(time.Second)
	if later := s.call("create-secret", r).want(201).str("id"); later == first {
		t.Error("the key is still known, though its record only waits for its removal")
	}
}

func TestConcurrentCreatesUnderOneKeyMakeOneSecret(t *testing.T) {
	s := start(t)
	r := request{headers: with("idempotency-key", "k1"), body: body(createBody)}
	var mu sync.Mutex
	var wg sync.WaitGroup
	ids := map[string]int{}
	for range 8 {
		event := s.event("create-secret", r)
		wg.Go(func() {
			response, _ := s.operations["create-secret"](t.Context(), event)
			mu.Lock()
			defer mu.Unlock()
			if response.StatusCode != 201 {
				t.Errorf("status %d: %s", response.StatusCode, response.Body)
			}
			ids[response.Headers["ETag"]+response.Body]++
		})
	}
	wg.Wait()
	if len(ids) != 1 {
		t.Errorf("%d different answers", len(ids))
	}
}

func TestIdempotencyKeysAreBounded(t *testing.T) {
	s := start(t)
	id := s.deleted()
	for _, key := range []string{strings.Repeat("é", 65)} {
		for operation, r := range map[string]request{
			"create-secret":   {body: body(createBody), headers: with("idempotency-key", key)},
			"undelete-secret": {id: id, headers: with("if-match", "2", "idempotency-key", key)},
		} {
			a := s.call(operation, r)
			a.fault(400, 7001)
			if got := a.paths(); got[0] != "headers.idempotency-key" {
				t.Errorf("%s: paths %v", operation, got)
			}
		}
	}
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2", "idempotency-key", strings.Repeat("é", 64))}).want(200)
}

func TestACreateReplayedAfterAHardDeleteIsNotFound(t *testing.T) {
	s := start(t)
	r := request{headers: with("idempotency-key", "k1"), body: body(createBody)}
	id := s.call("create-secret", r).want(201).str("id")
	s.hardDelete(id, "1").want(204)
	s.call("create-secret", r).fault(404, 7002)
}

func TestAVersionRetriedUnderItsKeyIsMadeOnce(t *testing.T) {
	s := start(t)
	id := s.create()
	r := request{id: id, headers: with("idempotency-key", "k1"), body: body(`{"value":"second"}`)}
	first := s.call("create-secret-version", r).want(201)
	if again := s.call("create-secret-version", r).want(201); again.text != first.text {
		t.Errorf("first %s, again %s", first.text, again.text)
	}
	other := r
	other.body = body(`{"value":"third"}`)
	s.call("create-secret-version", other).conflict("IDEMPOTENCY_KEY_REUSED")
	other = r
	other.id = s.create()
	s.call("create-secret-version", other).conflict("IDEMPOTENCY_KEY_REUSED")

	s.call("delete-secret", request{id: id, headers: with("if-match", "2")}).want(204)
	if late := s.call("create-secret-version", r).want(201); late.text != first.text {
		t.Errorf("after the secret's deletion %s", late.text)
	}
}
