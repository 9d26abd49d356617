package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
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

func TestDeleteSecretHidesAnActiveSecretByItsEtagAndLeavesItsVersions(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	before := s.row(t, made.Ref, firstVersion)
	if _, err := s.DeleteSecret(t.Context(), made.Ref, made.Etag+1, noon.Add(time.Hour), by(noon)); code(err) != fault.Conflict {
		t.Errorf("with a stale etag: %v", err)
	}
	etag, err := s.DeleteSecret(t.Context(), made.Ref, made.Etag, noon.Add(time.Hour), by(noon))
	if err != nil || etag != made.Etag+1 {
		t.Errorf("etag %s, %v", etag, err)
	}
	found, err := s.GetSecret(t.Context(), made.Ref, noon)
	if err != nil || found.State != secret.SoftDeleted || !found.DeletedAt.Equal(noon) || found.Etag != etag {
		t.Errorf("the secret is %+v, %v", found, err)
	}
	if !reflect.DeepEqual(s.row(t, made.Ref, firstVersion), before) {
		t.Error("its version has changed")
	}
	if _, err := s.DeleteSecret(t.Context(), secret.NewRef("ws_test", noon), made.Etag, noon, by(noon)); code(err) != fault.NotFound {
		t.Errorf("of a secret that was never made: %v", err)
	}
}
