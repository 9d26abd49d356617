package api_test

import (
	"fmt"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
)

func TestASecretDeletedByMistakeComesBackWholeWithOneCall(t *testing.T) {
	s := start(t)
	made := s.call("create-secret", request{body: body(`{"name":"db","kind":"generic","value":"` + plaintext + `","description":"d","labels":{"env":"prod"}}`)}).want(201)
	id := made.str("id")
	s.call("access-secret-version", request{id: id}).want(200)

	s.call("delete-secret", request{id: id, headers: with("if-match", made.str("etag"))}).want(204)
	s.call("access-secret-version", request{id: id}).fault(404, 7002)
	etag := s.call("get-secret", request{id: id}).want(200).str("etag")

	restored := s.call("undelete-secret", request{id: id, headers: with("if-match", etag)}).want(200)
	for _, field := range []string{"id", "name", "kind", "description", "state", "version_count", "enabled_version_count", "created_at", "html_url"} {
		if restored.json[field] != made.json[field] {
			t.Errorf("%s was %v and is %v", field, made.json[field], restored.json[field])
		}
	}
	if restored.json["labels"].(map[string]any)["env"] != "prod" {
		t.Error("the labels did not come back")
	}
	for _, field := range []string{"deleted_at", "purge_at"} {
		if _, there := restored.json[field]; there {
			t.Errorf("%s is still there", field)
		}
	}
	if got := s.call("access-secret-version", request{id: id}).want(200).str("value"); got != plaintext {
		t.Error("the value that came back is another")
	}
}

func TestADeletedSecretIsGoneAtItsDeadlineAndNotASecondBefore(t *testing.T) {
	s := start(t)
	id := s.deleted()
	deletedAt := s.now

	s.now = deletedAt.Add(retention - time.Second)
	a := s.call("get-secret", request{id: id}).want(200)
	if a.json["purge_at"] != float64(deletedAt.Add(retention).Unix()) || a.json["deleted_at"] != float64(deletedAt.Unix()) {
		t.Errorf("deleted_at %v, purge_at %v", a.json["deleted_at"], a.json["purge_at"])
	}

	s.now = deletedAt.Add(retention)
	s.call("get-secret", request{id: id}).fault(404, 7002)
	s.call("access-secret-version", request{id: id}).fault(404, 7002)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2")}).fault(404, 7002)
	s.call("delete-secret", request{id: id, headers: with("if-match", "2")}).fault(404, 7002)

	s.now = deletedAt.Add(retention - time.Second)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2")}).want(200)
}

func TestUndeletingAnActiveSecretIsAConflict(t *testing.T) {
	s := start(t)
	id := s.create()
	m := s.call("undelete-secret", request{id: id, headers: with("if-match", "1")}).conflict("FAILED_PRECONDITION")
	if m["etag"] != "1" {
		t.Errorf("current etag %v", m["etag"])
	}
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

func TestAnUndeletesKeyStandsForItsOwnSecretAlone(t *testing.T) {
	s := start(t)
	one, other := s.deleted(), s.deleted()
	s.call("undelete-secret", request{id: one, headers: with("if-match", "2", "idempotency-key", "k")}).want(200)
	s.call("undelete-secret", request{id: other, headers: with("if-match", "2", "idempotency-key", "l")}).want(200)
	s.call("undelete-secret", request{id: other, headers: with("if-match", "2", "idempotency-key", "k")}).conflict("IDEMPOTENCY_KEY_REUSED")
}

func TestAKeyOfAnotherSecretRestoresNoneThoughTheEtagIsTheSame(t *testing.T) {
	s := start(t)
	one, other := s.deleted(), s.deleted()
	s.undelete(one, "2", "k1").want(200)
	s.undelete(other, "2").want(200)
	s.undelete(other, "2", "k1").conflict("IDEMPOTENCY_KEY_REUSED")
}

func TestAnUndeleteUnderAKeyWhoseAnswerIsLostIsASuccessThoughOthersWroteSince(t *testing.T) {
	s := start(t)
	id := s.deleted()
	s.meanwhile("TransactWriteItems", wire.LoseAnswer(), func() { s.delete(id, "3").want(204) })
	if a := s.undelete(id, "2", "k1").want(200); a.str("state") != "soft_deleted" || a.str("etag") != "4" {
		t.Errorf("%s", a.text)
	}
}
