package store_test

import (
	"testing"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// The conditions of the writes, tried through the store's methods one after the other, and with
// another writer between a read and its write.

func TestASecretDeletedSinceItWasReadTakesNoVersion(t *testing.T) {
	s := startStore(t)
	read := s.make(t)
	s.remove(t, read.Ref, read.Etag)
	if v, err := s.CreateVersion(t.Context(), store.NewVersion{Of: read, Sealed: sealed}, by(noon)); code(err) != fault.NotFound {
		t.Errorf("%+v, %v", v, err)
	}
	if s.row(t, read.Ref, "v#0000000002") != nil {
		t.Error("the version is there")
	}
}

func TestAVersionDestroyedSinceItWasReadStaysDestroyed(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	v := made.Version(1)
	s.before("TransactWriteItems", func() {
		if _, err := s.change(t, v, secret.Destroyed, v.FirstEtag()); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.change(t, v, secret.Disabled, v.FirstEtag()); code(err) != fault.Conflict {
		t.Errorf("%v", err)
	}
	found, err := s.GetVersion(t.Context(), v)
	if err != nil || found.State != secret.Destroyed || found.Etag != v.FirstEtag()+1 {
		t.Errorf("the version is %+v, %v", found, err)
	}
	if now, err := s.GetSecret(t.Context(), made.Ref, noon); err != nil || now.EnabledVersionCount != 0 {
		t.Errorf("the secret is %+v, %v", now, err)
	}
}

func TestASecretDeletedSinceItWasReadKeepsItsVersionsAsTheyAre(t *testing.T) {
	s := startStore(t)
	for _, disabled := range []bool{false, true} {
		made := s.make(t)
		v, etag, state := made.Version(1), made.Version(1).FirstEtag(), secret.Enabled
		if disabled { // then a destroy does not move the secret's counts
			if _, err := s.change(t, v, secret.Disabled, etag); err != nil {
				t.Fatal(err)
			}
			etag, made.Etag, state = etag+1, made.Etag+1, secret.Disabled
		}
		s.before("TransactWriteItems", func() { s.remove(t, made.Ref, made.Etag) })
		if _, err := s.change(t, v, secret.Destroyed, etag); code(err) != fault.NotFound {
			t.Errorf("disabled %v: %v", disabled, err)
		}
		if found, err := s.GetVersion(t.Context(), v); err != nil || found.State != state || found.Etag != etag {
			t.Errorf("disabled %v: the version is %+v, %v", disabled, found, err)
		}
	}
}
