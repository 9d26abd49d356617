package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

func TestOnlyWhatIsDueIsMarkedAndOnlyWhatIsMarkedIsRemoved(t *testing.T) {
	s := startStore(t)
	active, deleted := s.make(t), s.make(t)
	s.remove(t, deleted.Ref, deleted.Etag)
	for name, c := range map[string]struct {
		ref    secret.Ref
		passed time.Time
	}{
		"an active one":      {active.Ref, noon.Add(24 * time.Hour)},
		"a second too early": {deleted.Ref, noon.Add(time.Hour - time.Second)},
	} {
		if _, err := s.MarkDue(t.Context(), c.ref, c.passed, by(noon)); !errors.Is(err, store.ErrNotDue) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Purge(t.Context(), c.ref); err != nil {
			t.Fatal(err)
		}
		if s.row(t, c.ref, "meta") == nil {
			t.Errorf("%s: its row is gone", name)
		}
	}
	if _, err := s.MarkDue(t.Context(), deleted.Ref, noon.Add(time.Hour), by(noon)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Purge(t.Context(), deleted.Ref); err != nil || s.row(t, deleted.Ref, "meta") != nil {
		t.Errorf("it was due, and its row is there: %v", err)
	}
}

func TestAPurgeOfWhatIsGoneIsDone(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	if err := s.MarkForce(t.Context(), made.Ref, made.Etag, by(noon), at(noon)); err != nil {
		t.Fatal(err)
	}
	for want := 1; want >= 0; want-- { // the second time another run was faster
		if n, err := s.Purge(t.Context(), made.Ref); n != want || err != nil {
			t.Errorf("%d versions, want %d; %v", n, want, err)
		}
	}
}

// TestWhatJobsAskOfTheTableIsTrue looks at the reads that decide what is destroyed.
func TestWhatJobsAskOfTheTableIsTrue(t *testing.T) {
	s := startStore(t)
	found := credential(t, s, noon)
	var mu sync.Mutex
	reads := map[string]bool{}
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "GetItem" || c.Action == "BatchGetItem" || c.Action == "Query" {
			mu.Lock()
			defer mu.Unlock()
			reads[c.Action] = true
			if !strings.Contains(string(c.Body), `"ConsistentRead":true`) {
				t.Errorf("%s %s", c.Action, c.Body)
			}
		}
		return wire.Pass()
	})
	if there, err := s.Exists(t.Context(), found.Ref); err != nil || !there {
		t.Error(there, err)
	}
	if _, err := s.ValidationFailures(t.Context(), found.Ref); err != nil {
		t.Error(err)
	}
	if n, err := s.DestroyVersions(t.Context(), found.Ref); err != nil || n != 1 {
		t.Error(n, err)
	}
	if len(reads) < 2 {
		t.Errorf("only %v were made", reads)
	}
}
