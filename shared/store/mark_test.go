package store_test

import (
	"testing"
	"time"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

func TestAMarkTakesASecretOutOfEveryListAndKeepsItForThePurge(t *testing.T) {
	s := startStore(t)
	forced, due := credential(t, s, noon), credential(t, s, noon)
	if err := s.MarkForce(t.Context(), forced.Ref, forced.Etag, by(noon), at(noon)); err != nil {
		t.Fatal(err)
	}
	s.remove(t, due.Ref, due.Etag)
	if _, err := s.MarkDue(t.Context(), due.Ref, noon.Add(time.Hour), by(noon)); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []secret.Ref{forced.Ref, due.Ref} {
		row := s.row(t, ref, "meta")
		wantAttributes(t, row, false, "list_pk", "list_sk", "validate_shard")
		wantAttributes(t, row, true, "purge_shard", "purge_at", "ttl", "deleted_at", "deleted_by", "purged_by")
	}
}

func TestAHardDeleteEndsADeletedSecretUntilItsDeadline(t *testing.T) {
	s := startStore(t)
	for now, want := range map[time.Time]fault.Kind{noon.Add(time.Hour - time.Second): "", noon.Add(time.Hour): fault.NotFound} {
		made := s.make(t)
		etag := s.remove(t, made.Ref, made.Etag)
		if err := s.MarkForce(t.Context(), made.Ref, etag, by(noon), at(now)); code(err) != want {
			t.Errorf("at %s: %v", now, err)
		}
	}
}
