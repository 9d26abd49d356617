package store_test

import (
	"testing"

	"keepsake/shared/fault"
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

func TestAVersionThatIsInItsStateAlreadyIsReturnedWhateverTheEtag(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	v := made.Version(1)
	if found, err := s.change(t, v, secret.Enabled, secret.NoEtag); err != nil || found.Etag != v.FirstEtag() {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := s.change(t, v, secret.Disabled, v.FirstEtag()+1); code(err) != fault.Conflict {
		t.Errorf("another state with a stale etag: %v", err)
	}
	if _, err := s.change(t, made.Version(2), secret.Disabled, v.FirstEtag()); code(err) != fault.NotFound {
		t.Errorf("a version that was never made: %v", err)
	}
	if now, err := s.GetSecret(t.Context(), made.Ref, noon); err != nil || now.Etag != made.Etag || now.EnabledVersionCount != 1 {
		t.Errorf("the secret is %+v, %v", now, err)
	}
}
