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

func TestAKeyWithAnotherRequestIsRefused(t *testing.T) {
	s := start(t)
	s.call("create-secret", request{headers: with("idempotency-key", "k1"), body: body(createBody)}).want(201)
	for name, other := range map[string]string{
		"value":       `{"name":"db","kind":"generic","value":"another"}`,
		"name":        `{"name":"db2","kind":"generic","value":"` + plaintext + `"}`,
		"kind":        `{"name":"db","kind":"webhook_signing","value":"` + plaintext + `"}`,
		"description": `{"name":"db","kind":"generic","value":"` + plaintext + `","description":"d"}`,
		"labels":      `{"name":"db","kind":"generic","value":"` + plaintext + `","labels":{"a":"b"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s.call("create-secret", request{headers: with("idempotency-key", "k1"), body: &other}).conflict("IDEMPOTENCY_KEY_REUSED")
		})
	}
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

func TestAnUndeleteRetriedUnderItsKeyIsStillASuccess(t *testing.T) {
	s := start(t)
	id := s.deleted()
	r := request{id: id, headers: with("if-match", "2", "idempotency-key", "k1")}
	first := s.call("undelete-secret", r).want(200)
	s.restart()
	again := s.call("undelete-secret", r).want(200)
	if again.text != first.text {
		t.Errorf("first %s, again %s", first.text, again.text)
	}
	// A client that has read the secret in between sends the etag that it found.
	s.call("undelete-secret", request{id: id, headers: with("if-match", "3", "idempotency-key", "k1")}).want(200)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "3", "idempotency-key", "k2")}).conflict("FAILED_PRECONDITION")
	s.call("undelete-secret", request{id: id, headers: with("if-match", "3")}).conflict("FAILED_PRECONDITION")
}

func TestALateRetryOfAnUndeleteDoesNotUndoALaterDelete(t *testing.T) {
	s := start(t)
	id := s.deleted()
	r := request{id: id, headers: with("if-match", "2", "idempotency-key", "k1")}
	s.call("undelete-secret", r).want(200)
	s.call("delete-secret", request{id: id, headers: with("if-match", "3")}).want(204)

	if again := s.call("undelete-secret", r).want(200); again.str("state") != "soft_deleted" {
		t.Errorf("state %s: the retry undid a delete that it did not know of", again.str("state"))
	}
	s.call("undelete-secret", request{id: id, headers: with("if-match", "4", "idempotency-key", "k1")}).conflict("IDEMPOTENCY_KEY_REUSED")
	s.call("undelete-secret", request{id: id, headers: with("if-match", "4", "idempotency-key", "k2")}).want(200)
	// Active, but not by k1's doing.
	s.call("undelete-secret", request{id: id, headers: with("if-match", "5", "idempotency-key", "k1")}).conflict("FAILED_PRECONDITION")
}

func TestAnUndeletesKeyIsForgottenAfterADay(t *testing.T) {
	s := start(t)
	id := s.deleted()
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2", "idempotency-key", "k1")}).want(200)
	s.call("delete-secret", request{id: id, headers: with("if-match", "3")}).want(204)
	s.now = s.now.Add(24 * time.Hour)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "4", "idempotency-key", "k1")}).want(200)
}

func TestAnAnswerLostAfterTheCommitIsStillASuccessDoneOnce(t *testing.T) {
	s := start(t)
	id := s.create()

	s.loseAnswersTo("dynamodb:UpdateItem", 1)
	if a := s.call("delete-secret", request{id: id, headers: with("if-match", "1")}).want(204); a.headers["ETag"] != `"2"` {
		t.Errorf("ETag %s", a.headers["ETag"])
	}
	for _, key := range []string{"", "k1"} {
		etag := s.call("get-secret", request{id: id}).str("etag")
		s.loseAnswersTo("dynamodb:UpdateItem", 2)
		a := s.call("undelete-secret", request{id: id, headers: with("if-match", etag, "idempotency-key", key)}).want(200)
		s.cloud.Hook(nil)
		if a.str("state") != "active" || a.str("etag") != s.call("get-secret", request{id: id}).str("etag") {
			t.Errorf("key %q: %s", key, a.text)
		}
		s.call("delete-secret", request{id: id, headers: with("if-match", a.str("etag"))}).want(204)
	}
}

func TestACreateWhoseAnswerIsLostMakesOneSecret(t *testing.T) {
	for _, key := range []string{"", "k1"} {
		s := start(t)
		s.loseAnswersTo("dynamodb:TransactWriteItems", 1)
		id := s.call("create-secret", request{headers: with("idempotency-key", key), body: body(createBody)}).want(201).str("id")
		s.cloud.Hook(nil)
		s.call("access-secret-version", request{id: id}).want(200)
		if n := len(s.rowsOf("SecretsTable", "meta")); n != 1 {
			t.Errorf("key %q: %d secrets", key, n)
		}
	}
}
