package store_test

import (
	"slices"
	"testing"
	"time"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// all is room for every item.
func all[T any](T) bool { return true }

func TestListSecretsPassesOverWhatIsPastItsDeadlineAndEndsWithTheLastItem(t *testing.T) {
	s := startStore(t)
	var want []string
	for i := range 7 {
		made := s.make(t)
		purgeAt := noon.Add(time.Hour)
		if i%2 == 0 { // these are gone when the list is read
			purgeAt = noon.Add(time.Minute)
		} else {
			want = append(want, made.ID)
		}
		if _, err := s.DeleteSecret(t.Context(), made.Ref, made.Etag, purgeAt, by(noon)); err != nil {
			t.Fatal(err)
		}
	}
	s.cloud.Settle()
	var got []string
	list := store.ListSecrets{Workspace: "ws_test", State: secret.SoftDeleted, Limit: 2}
	for pages := 0; pages == 0 || list.After != ""; pages++ {
		page, err := s.ListSecrets(t.Context(), list, all, noon.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range page.Items {
			got = append(got, found.ID)
		}
		list.After = page.Next
		if page.Next != "" && !list.IsPosition(page.Next) {
			t.Fatalf("the page ends at %q, which is not a position", page.Next)
		}
	}
	slices.Sort(want) // ids of one millisecond are in any order
	if !slices.Equal(got, want) {
		t.Errorf("the pages hold %v, want %v", got, want)
	}
}

func TestListVersionsIsNewestFirstAndOfOneStateIfAsked(t *testing.T) {
	s := startStore(t)
	of := s.make(t)
	for range 3 {
		v, err := s.CreateVersion(t.Context(), store.NewVersion{Of: of, Sealed: sealed}, by(noon))
		if err != nil {
			t.Fatal(err)
		}
		of.VersionCount = v.Number
	}
	if _, err := s.change(t, of.Version(2), secret.Disabled, of.Version(2).FirstEtag()); err != nil {
		t.Fatal(err)
	}
	for state, want := range map[secret.VersionState][]int{"": {4, 3, 2, 1}, secret.Enabled: {4, 3, 1}, secret.Disabled: {2}} {
		var got []int
		list := store.ListVersions{Secret: of.Ref, State: state, Limit: 1}
		for pages := 0; pages == 0 || list.After != ""; pages++ {
			page, err := s.ListVersions(t.Context(), list, all)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range page.Items {
				got = append(got, v.Number)
			}
			list.After = page.Next
		}
		if !slices.Equal(got, want) {
			t.Errorf("of state %q: %v, want %v", state, got, want)
		}
	}
}

func TestAListEndsItsPageWhereThereIsNoRoom(t *testing.T) {
	s := startStore(t)
	of := s.make(t)
	if _, err := s.CreateVersion(t.Context(), store.NewVersion{Of: of, Sealed: sealed}, by(noon)); err != nil {
		t.Fatal(err)
	}
	room := 1
	one := func(secret.Version) bool { room--; return room >= 0 }
	page, err := s.ListVersions(t.Context(), store.ListVersions{Secret: of.Ref, Limit: 100}, one)
	if err != nil || len(page.Items) != 1 || page.Items[0].Number != 2 || page.Next != "2" {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestAPositionIsTakenOnlyIfItsListCanHaveIt(t *testing.T) {
	aws := store.ListSecrets{Kind: secret.AWS}
	for after, want := range map[string]bool{
		"cloud_provider/aws#sec_a": true, "generic#sec_a": false, "cloud_provider/aws#x": false, "cloud_provider/aws": false, "": false,
	} {
		if aws.IsPosition(after) != want {
			t.Errorf("of the secrets of kind aws, %q: %v", after, !want)
		}
	}
	for after, want := range map[string]bool{"1": true, "9999999999": true, "10000000000": false, "0": false, "01": false, "-1": false, "": false} {
		if (store.ListVersions{}).IsPosition(after) != want {
			t.Errorf("of versions, %q: %v", after, !want)
		}
	}
}
