package store_test

import (
	"testing"

	"keepsake/shared/secret"
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

func TestAVersionSaysHowItIsSealedUnlessAsTheFirstReleasesDid(t *testing.T) {
	s := startStore(t)
	of := s.make(t)
	second := sealed
	second.Format = secret.FormatTwo
	if _, err := s.CreateVersion(t.Context(), store.NewVersion{Of: of, Sealed: second}, by(noon)); err != nil {
		t.Fatal(err)
	}
	wantAttributes(t, s.row(t, of.Ref, "v#0000000001"), false, "sealing_format")
	wantAttributes(t, s.row(t, of.Ref, "v#0000000002"), true, "sealing_format")
	for number, want := range map[int]secret.Format{1: secret.FormatOne, 2: secret.FormatTwo} {
		read, err := s.ReadVersion(t.Context(), of.Version(number))
		if err != nil || read.Sealed.Format != want {
			t.Errorf("version %d has format %d, %v", number, read.Sealed.Format, err)
		}
	}
}
