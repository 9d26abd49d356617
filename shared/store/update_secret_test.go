package store_test

import (
	"testing"

	"keepsake/shared/fault"
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

func TestUpdateSecretChangesWhatThePatchNamesAndTakesAwayWhatIsEmpty(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	text, empty := "text", ""
	first, err := s.UpdateSecret(t.Context(), made.Ref, made.Etag, store.Patch{Description: &text, MimeType: &text, Labels: map[string]string{"a": "b"}}, by(noon))
	if err != nil || first.Description != text || first.MimeType != text || first.Labels["a"] != "b" || first.Name != made.Name || first.Etag != made.Etag+1 {
		t.Fatalf("%+v, %v", first, err)
	}
	if _, err := s.UpdateSecret(t.Context(), made.Ref, made.Etag, store.Patch{Name: &text}, by(noon)); code(err) != fault.Conflict {
		t.Errorf("with a stale etag: %v", err)
	}
	if _, err := s.UpdateSecret(t.Context(), made.Ref, first.Etag, store.Patch{Description: &empty, Labels: map[string]string{}}, by(noon)); err != nil {
		t.Fatal(err)
	}
	row := s.row(t, made.Ref, "meta")
	wantAttributes(t, row, false, "description", "label_map")
	wantAttributes(t, row, true, "mime_type", "secret_name")
}
