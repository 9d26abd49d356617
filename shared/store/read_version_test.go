package store_test

import (
	"testing"

	"keepsake/shared/store"
)

func TestTheLatestOfManyVersionsIsTheNewest(t *testing.T) {
	s := startStore(t)
	of := s.make(t)
	for range 10 {
		v, err := s.CreateVersion(t.Context(), store.NewVersion{Of: of, Sealed: sealed}, by(noon))
		if err != nil {
			t.Fatal(err)
		}
		of.VersionCount = v.Number
	}
	if read, err := s.ReadLatestVersion(t.Context(), of.Ref); err != nil || read.Version.Number != 11 {
		t.Errorf("the latest is %d, %v", read.Version.Number, err)
	}
}
