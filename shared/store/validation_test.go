package store_test

import (
	"context"
	"testing"
	"time"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

func TestWhatIsDueComesOnceInPagesWhateverIsWrittenMeanwhile(t *testing.T) {
	s := startStore(t)
	want := map[secret.Ref]time.Time{}
	for i := range 80 { // five to a shard
		at := noon.Add(time.Duration(i) * time.Second)
		want[credential(t, s, at).Ref] = at
	}
	late := credential(t, s, noon.Add(time.Hour))
	pages := 0
	due(t, s, noon.Add(10*time.Minute), 2, func(page []store.DueSecret) {
		pages++
		if len(page) > 2 {
			t.Errorf("a page of %d", len(page))
		}
		for _, d := range page {
			if d.Ref == late.Ref || !want[d.Ref].Equal(d.At) {
				t.Errorf("%s came as due since %s", d.Ref.ID, d.At)
			}
			delete(want, d.Ref)
			again := store.ValidationResult{Failures: 1, Next: noon} // due again at once
			if found, err := s.GetSecret(t.Context(), d.Ref, noon); err != nil {
				t.Error(err)
			} else if _, err := s.RecordValidation(t.Context(), d, found, again); err != nil {
				t.Error(err)
			}
		}
	})
	if len(want) > 0 || pages < 40 {
		t.Errorf("%d never came; %d pages", len(want), pages)
	}
}

func TestOnlySecretsThatAProviderCanBeAskedAboutAreDue(t *testing.T) {
	s := startStore(t)
	for _, kind := range []secret.Kind{secret.Generic, secret.AWS} {
		made := secret.Secret{
			Ref: secret.NewRef("ws_test", noon), Name: "n", Kind: kind, State: secret.Active,
			VersionCount: 1, CreatedAt: noon, UpdatedAt: noon, Etag: secret.FirstEtag,
		}
		if _, err := s.CreateSecret(t.Context(), made, secret.Sealed{}, nil, by(noon)); err != nil {
			t.Fatal(err)
		}
		// An undelete makes what it restores due, and must not bring other kinds in.
		etag, err := s.DeleteSecret(t.Context(), made.Ref, made.Etag, noon.Add(time.Hour), by(noon))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.UndeleteSecret(t.Context(), made.Ref, etag, "", by(noon.Add(time.Second)), func() time.Time { return noon }); err != nil {
			t.Fatal(err)
		}
	}
	due(t, s, noon.Add(time.Hour), 10, func(page []store.DueSecret) { t.Errorf("due: %v", page) })
}

func TestAResultIsWrittenOnlyOverWhatItWasFoundFor(t *testing.T) {
	s := startStore(t)
	verdict := func(at time.Time) store.ValidationResult {
		v := secret.Validation{State: secret.ValidationInvalid, ValidatedAt: at, Error: "refused"}
		return store.ValidationResult{Verdict: &v, Failures: 3, Next: at.Add(time.Hour)}
	}
	record := func(d store.DueSecret, found secret.Secret) bool {
		t.Helper()
		written, err := s.RecordValidation(context.Background(), d, found, verdict(noon.Add(time.Minute)))
		if err != nil {
			t.Fatal(err)
		}
		return written
	}
	found := credential(t, s, noon)
	d := store.DueSecret{Ref: found.Ref, At: noon}
	other := found
	other.Etag++
	deleted := found
	deleted.State = secret.SoftDeleted
	switch {
	case record(d, other):
		t.Error("written over a secret that has changed")
	case record(d, deleted):
		t.Error("written over a secret in another state")
	case record(store.DueSecret{Ref: found.Ref, At: noon.Add(time.Second)}, found):
		t.Error("written although its turn was another's")
	case record(store.DueSecret{Ref: secret.NewRef("ws_test", noon), At: noon}, found):
		t.Error("written for a secret that is gone")
	case !record(d, found):
		t.Error("not written")
	case record(d, found):
		t.Error("written twice")
	}
	got, err := s.GetSecret(t.Context(), found.Ref, noon)
	if err != nil || got.Etag != found.Etag || *got.Validation != *verdict(noon.Add(time.Minute)).Verdict {
		t.Errorf("%+v, %v", got, err)
	}
	if n, err := s.ValidationFailures(t.Context(), found.Ref); n != 3 || err != nil {
		t.Errorf("%d failures, %v", n, err)
	}
	due(t, s, noon.Add(time.Minute), 10, func(page []store.DueSecret) { t.Errorf("still due: %v", page) })
}
