package store_test

import (
	"testing"
	"time"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// loseMeta deletes a secret's metadata row, past the store.
func (s table) loseMeta(t *testing.T, ref secret.Ref) {
	t.Helper()
	s.erase(t, ref, "meta")
}

// orphaned returns a secret's versions as a look for orphans sees them.
func (s table) orphaned(t *testing.T, ref secret.Ref) (all []store.OrphanedVersion) {
	t.Helper()
	for page, err := range s.OrphanedVersions(t.Context(), ref) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
	}
	return all
}

func TestDestroyOrphanedErasesOnlyMarkedVersionsOfASecretWithoutMetadata(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	unmarked := s.orphaned(t, made.Ref)
	if len(unmarked) != 1 || !unmarked[0].ChangedAt.Equal(noon) || !unmarked[0].FoundAt.IsZero() {
		t.Fatalf("found %+v", unmarked)
	}
	if err := s.MarkOrphaned(t.Context(), unmarked[0], noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	marked := s.orphaned(t, made.Ref)
	if !marked[0].FoundAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("its mark is of %s", marked[0].FoundAt)
	}
	destroy := func(versions []store.OrphanedVersion) int {
		t.Helper()
		n, err := s.DestroyOrphaned(t.Context(), made.Ref, versions)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if destroy(marked) != 0 || s.row(t, made.Ref, firstVersion) == nil {
		t.Error("a version of a secret that is there was destroyed")
	}
	s.loseMeta(t, made.Ref)
	if err := s.MarkOrphaned(t.Context(), marked[0], noon.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if destroy(marked) != 0 || s.row(t, made.Ref, firstVersion) == nil {
		t.Error("a version was destroyed by a mark that it does not have any more")
	}
	if destroy(s.orphaned(t, made.Ref)) != 1 || s.row(t, made.Ref, firstVersion) != nil {
		t.Error("the orphan is still there")
	}
}

func TestMarkOrphanedMakesNoRow(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	found := s.orphaned(t, made.Ref)
	if _, err := s.DestroyVersions(t.Context(), made.Ref); err != nil {
		t.Fatal(err)
	}
	if err := s.MarkOrphaned(t.Context(), found[0], noon); err != nil || s.row(t, made.Ref, firstVersion) != nil {
		t.Errorf("%v; the row is %v", err, s.row(t, made.Ref, firstVersion))
	}
}
