package store_test

import (
	"fmt"
	"testing"
	"time"

	"keepsake/shared/fault"
	"keepsake/shared/store"
)

func TestASecondDeleteDoesNotMoveTheDeadlineAndNoUpdateComesThrough(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	etag := s.remove(t, made.Ref, made.Etag)
	if _, err := s.DeleteSecret(t.Context(), made.Ref, etag, noon.Add(2*time.Hour), by(noon)); code(err) != fault.NotFound {
		t.Errorf("a second delete: %v", err)
	}
	name := "another"
	if _, err := s.UpdateSecret(t.Context(), made.Ref, etag, store.Patch{Name: &name}, by(noon)); code(err) != fault.NotFound {
		t.Errorf("an update: %v", err)
	}
	found, err := s.GetSecret(t.Context(), made.Ref, noon)
	if err != nil || !found.PurgeAt.Equal(noon.Add(time.Hour)) || found.Name != "n" || found.Etag != etag {
		t.Errorf("the secret is %+v, %v", found, err)
	}
}

func TestDynamoDBsOwnExpiryComesAfterTheDeadlineAndItsGrace(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	deadline := noon.Add(30 * 24 * time.Hour)
	if _, err := s.DeleteSecret(t.Context(), made.Ref, made.Etag, deadline, by(noon)); err != nil {
		t.Fatal(err)
	}
	row := s.row(t, made.Ref, "meta")
	if seconds(row["purge_at"]) != fmt.Sprint(deadline.Unix()) || seconds(row["ttl"]) != fmt.Sprint(deadline.Add(2*time.Minute).Unix()) {
		t.Errorf("purge at %s, ttl %s, the deadline is %d", seconds(row["purge_at"]), seconds(row["ttl"]), deadline.Unix())
	}
}
