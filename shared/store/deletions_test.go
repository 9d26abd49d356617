package store_test

import (
	"strings"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/secret"
)

// threw creates a credential and deletes it, and returns it as a list shows it.
func (s table) threw(t *testing.T, at time.Time) secret.Secret {
	t.Helper()
	made := credential(t, s, at)
	if _, err := s.DeleteSecret(t.Context(), made.Ref, made.Etag, at.Add(time.Hour), by(at)); err != nil {
		t.Fatal(err)
	}
	found, err := s.GetSecret(t.Context(), made.Ref, at)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDeletionsAreThoseOfTheSecretsThatAreStillAsListed(t *testing.T) {
	s := startStore(t)
	at := noon.Add(123 * time.Millisecond)
	kept, undeleted, overdue := s.threw(t, at), s.threw(t, at), s.threw(t, at.Add(-30*time.Minute))
	if _, err := s.UndeleteSecret(t.Context(), undeleted.Ref, undeleted.Etag, "", by(at), func() time.Time { return at }); err != nil {
		t.Fatal(err)
	}
	other := s.threw(t, at)
	other.Etag-- // the list showed it before its last change
	gone := secret.Secret{Ref: secret.NewRef("ws_test", at), Etag: 2}

	got, err := s.Deletions(t.Context(), []secret.Secret{kept, undeleted, overdue, other, gone}, noon.Add(30*time.Minute))
	if err != nil || len(got) != 1 || got[kept.Ref].By != "tok_x" || !got[kept.Ref].At.Equal(at) {
		t.Errorf("the deletions are %v, %v", got, err)
	}
}

func TestDeletionsOfNothingAskForNothing(t *testing.T) {
	s := startStore(t)
	s.cloud.ResetCalls()
	if got, err := s.Deletions(t.Context(), nil, noon); len(got) != 0 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if calls := s.cloud.Calls(); len(calls) != 0 {
		t.Errorf("calls %v", calls)
	}
}

func TestDeletionsReadNoSealedByte(t *testing.T) {
	s := startStore(t)
	kept := s.threw(t, noon)
	var sent string
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		sent += string(c.Body)
		return wire.Pass()
	})
	if _, err := s.Deletions(t.Context(), []secret.Secret{kept}, noon); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sent, "v#") || strings.Contains(sent, "ciphertext") || !strings.Contains(sent, `"ProjectionExpression"`) {
		t.Errorf("it asks for %s", sent)
	}
}
