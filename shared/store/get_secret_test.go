package store_test

import (
	"testing"
	"time"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

func TestGetSecretShowsADeletedSecretUntilItsDeadline(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	etag := s.remove(t, made.Ref, made.Etag)
	deadline := noon.Add(time.Hour)
	found, err := s.GetSecret(t.Context(), made.Ref, deadline.Add(-time.Second))
	if err != nil || found.State != secret.SoftDeleted || found.Etag != etag || !found.PurgeAt.Equal(deadline) {
		t.Errorf("a second before the deadline it is %+v, %v", found, err)
	}
	if _, err := s.GetSecret(t.Context(), made.Ref, deadline); code(err) != fault.NotFound {
		t.Errorf("at the deadline: %v", err)
	}
}

func TestGetSecretDoesNotAskDynamoDBForAnIDThatCannotBeOne(t *testing.T) {
	s := startStore(t)
	s.cloud.ResetCalls()
	for _, id := range []string{"", "sec_a#meta", "secv_a_1"} {
		if _, err := s.GetSecret(t.Context(), secret.Ref{Workspace: "ws_test", ID: id}, noon); code(err) != fault.NotFound {
			t.Errorf("%q: %v", id, err)
		}
	}
	if calls := s.cloud.Calls(); len(calls) != 0 {
		t.Errorf("it called %v", calls)
	}
}
