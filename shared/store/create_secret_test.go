package store_test

import (
	"testing"
	"time"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

func TestACreateTakesNoOtherSecretsPlace(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	name := "renamed"
	if _, err := s.UpdateSecret(t.Context(), made.Ref, made.Etag, store.Patch{Name: &name}, by(noon)); err != nil {
		t.Fatal(err)
	}
	again := made
	_, _ = s.CreateSecret(t.Context(), again, secret.Sealed{WrappedKey: []byte("other")}, nil, by(noon.Add(time.Second)))
	if found, err := s.GetSecret(t.Context(), made.Ref, noon); err != nil || found.Name != "renamed" || found.Etag != made.Etag+1 {
		t.Errorf("the secret is %+v, %v", found, err)
	}
	if read, err := s.ReadVersion(t.Context(), made.Version(1)); err != nil || string(read.Sealed.WrappedKey) != "wrapped" {
		t.Errorf("its version is %+v, %v", read, err)
	}
}
