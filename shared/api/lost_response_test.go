package api_test

import "testing"

func TestAnAnswerLostAfterTheCommitIsStillASuccessDoneOnce(t *testing.T) {
	s := start(t)
	id := s.create()

	s.loseResponsesTo("dynamodb:UpdateItem", 1)
	if a := s.call("delete-secret", request{id: id, headers: with("if-match", "1")}).want(204); a.headers["ETag"] != `"2"` {
		t.Errorf("ETag %s", a.headers["ETag"])
	}
	for _, key := range []string{"", "k1"} {
		etag := s.call("get-secret", request{id: id}).str("etag")
		s.loseResponsesTo("dynamodb:UpdateItem", 2)
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
		s.loseResponsesTo("dynamodb:TransactWriteItems", 1)
		id := s.call("create-secret", request{headers: with("idempotency-key", key), body: body(createBody)}).want(201).str("id")
		s.cloud.Hook(nil)
		s.call("access-secret-version", request{id: id}).want(200)
		if n := len(s.rowsOf("SecretsTable", "meta")); n != 1 {
			t.Errorf("key %q: %d secrets", key, n)
		}
	}
}

func TestAVersionWhoseAnswerIsLostIsMadeOnce(t *testing.T) {
	s := start(t)
	for _, key := range []string{"", "k1"} {
		id := s.create()
		s.loseResponsesTo("dynamodb:TransactWriteItems", 1)
		s.call("create-secret-version", request{id: id, headers: with("idempotency-key", key), body: body(`{"value":"second"}`)}).want(201)
		s.cloud.Hook(nil)
		if n := s.call("get-secret", request{id: id}).json["version_count"]; n != 2.0 {
			t.Errorf("key %q: %v versions", key, n)
		}
	}
}

func TestAChangeOfAVersionWhoseAnswerIsLostIsDoneOnce(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, operation := range []string{"disable-secret-version", "enable-secret-version", "destroy-secret-version"} {
		etag := s.call("get-secret-version", request{id: id, vid: firstVersionOf(id)}).str("etag")
		s.loseResponsesTo("dynamodb:TransactWriteItems", 1)
		s.call(operation, request{id: id, vid: firstVersionOf(id), headers: with("if-match", etag)}).want(200)
		s.cloud.Hook(nil)
	}
	if n := s.call("get-secret", request{id: id}).json["enabled_version_count"]; n != 0.0 {
		t.Errorf("%v enabled versions", n)
	}
}

func TestAHardDeleteWhoseAnswerIsLostIsStillASuccess(t *testing.T) {
	s := start(t)
	id := s.create()
	s.loseResponsesTo("dynamodb:UpdateItem", 1)
	s.hardDelete(id, "1").want(204)
	s.cloud.Hook(nil)
	if n := len(s.rowsOf("SecretsTable", "")); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}
