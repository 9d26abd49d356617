package store_test

import (
	"testing"
	"time"

	"keepsake/shared/fault"
	"keepsake/shared/store"
)

func TestAnUndeleteMakesACredentialDue(t *testing.T) {
	s := startStore(t)
	at := noon.Add(time.Minute)
	for _, key := range []string{"", "k"} {
		found := credential(t, s, noon)
		d := store.DueSecret{Ref: found.Ref, At: noon}
		if _, err := s.RecordValidation(t.Context(), d, found, store.ValidationResult{Next: noon.Add(24 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
		etag, err := s.DeleteSecret(t.Context(), found.Ref, found.Etag, noon.Add(time.Hour), by(noon))
		if err != nil {
			t.Fatal(err)
		}
		due(t, s, at, 10, func(page []store.DueSecret) { t.Errorf("key %q: due before: %v", key, page) })
		if _, err := s.UndeleteSecret(t.Context(), found.Ref, etag, key, by(at), func() time.Time { return at }); err != nil {
			t.Fatal(err)
		}
		var now []store.DueSecret
		due(t, s, at, 10, func(page []store.DueSecret) { now = append(now, page...) })
		if len(now) != 1 || now[0].Ref != found.Ref || !now[0].At.Equal(at) {
			t.Errorf("key %q: due are %v", key, now)
		}
		found.Etag = etag + 1
		if _, err := s.RecordValidation(t.Context(), now[0], found, store.ValidationResult{Next: noon.Add(24 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnUndeleteLeavesNothingOfTheDelete(t *testing.T) {
	s := startStore(t)
	for _, key := range []string{"", "k"} {
		made := s.make(t)
		etag := s.remove(t, made.Ref, made.Etag)
		of := []string{"deleted_at", "deleted_by", "purge_at", "purge_shard", "ttl"}
		wantAttributes(t, s.row(t, made.Ref, "meta"), true, of...)
		if _, err := s.UndeleteSecret(t.Context(), made.Ref, etag, key, by(noon), at(noon)); err != nil {
			t.Fatal(err)
		}
		wantAttributes(t, s.row(t, made.Ref, "meta"), false, of...)
	}
}

func TestOnlyADeletedSecretIsUndeletedAndOnlyBeforeItsDeadline(t *testing.T) {
	s := startStore(t)
	deadline := noon.Add(time.Hour)
	for name, c := range map[string]struct {
		marked bool
		now    time.Time
		want   fault.Kind
	}{
		"a second before":      {false, deadline.Add(-time.Second), ""},
		"at the deadline":      {false, deadline, fault.NotFound},
		"marked, by any clock": {true, noon.Add(-time.Hour), fault.NotFound},
	} {
		for _, key := range []string{"", "key of " + name} {
			made := s.make(t)
			etag := s.remove(t, made.Ref, made.Etag)
			if c.marked {
				if err := s.MarkForce(t.Context(), made.Ref, etag, by(noon), at(noon)); err != nil {
					t.Fatal(err)
				}
				etag++
			}
			if _, err := s.UndeleteSecret(t.Context(), made.Ref, etag, key, by(noon), at(c.now)); code(err) != c.want {
				t.Errorf("%s, key %q: %v", name, key, err)
			}
		}
	}
}
