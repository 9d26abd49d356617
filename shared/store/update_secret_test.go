package store_test

import (
	"testing"

	"keepsake/shared/store"
)

func TestAnAliasNamesNoVersionThatIsNotThere(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	if _, err := s.UpdateSecret(t.Context(), made.Ref, made.Etag, store.Patch{VersionAliases: map[string]int{"a": 2}}, by(noon)); err == nil {
		t.Error("it was taken")
	}
	if _, err := s.UpdateSecret(t.Context(), made.Ref, made.Etag, store.Patch{VersionAliases: map[string]int{"a": 1}}, by(noon)); err != nil {
		t.Error(err)
	}
}
