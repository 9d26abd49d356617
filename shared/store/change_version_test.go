package store_test

import (
	"testing"

	"keepsake/shared/secret"
)

func TestADestroyedVersionHasNoPayloadAndNoKey(t *testing.T) {
	s := startStore(t)
	v := s.make(t).Version(1)
	wantAttributes(t, s.row(t, v.Ref, firstVersion), true, "wrapped_key", "ciphertext")
	if _, err := s.change(t, v, secret.Disabled, v.FirstEtag()); err != nil {
		t.Fatal(err)
	}
	wantAttributes(t, s.row(t, v.Ref, firstVersion), true, "wrapped_key", "ciphertext")
	if _, err := s.change(t, v, secret.Destroyed, v.FirstEtag()+1); err != nil {
		t.Fatal(err)
	}
	row := s.row(t, v.Ref, firstVersion)
	wantAttributes(t, row, false, "wrapped_key", "ciphertext")
	wantAttributes(t, row, true, "version_destroyed_at")
}
