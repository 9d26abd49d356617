package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

func TestANumberIsGivenToOneVersion(t *testing.T) {
	s := startStore(t)
	read := s.make(t)
	if _, err := s.CreateVersion(t.Context(), store.NewVersion{Of: read, Sealed: sealed, Comment: "first"}, by(noon)); err != nil {
		t.Fatal(err)
	}
	_, err := s.CreateVersion(t.Context(), store.NewVersion{Of: read, Sealed: sealed, Comment: "second"}, by(noon))
	taken := new(store.NumberTakenError)
	if !errors.As(err, &taken) || taken.Now.VersionCount != 2 {
		t.Errorf("%v", err)
	}
	if v, err := s.GetVersion(t.Context(), read.Version(2)); err != nil || v.Comment != "first" {
		t.Errorf("version 2 is %+v, %v", v, err)
	}
}

func TestANewValueOfACredentialIsNotValidBeforeItsProviderSaysSo(t *testing.T) {
	s := startStore(t)
	found := credential(t, s, noon)
	valid := secret.Validation{State: secret.ValidationValid, ValidatedAt: noon}
	written, err := s.RecordValidation(t.Context(), store.DueSecret{Ref: found.Ref, At: noon}, found, store.ValidationResult{Verdict: &valid, Next: noon.Add(24 * time.Hour)})
	if err != nil || !written {
		t.Fatal(written, err)
	}
	later := noon.Add(time.Minute)
	if _, err := s.CreateVersion(t.Context(), store.NewVersion{Of: found, Sealed: sealed}, by(later)); err != nil {
		t.Fatal(err)
	}
	now, err := s.GetSecret(t.Context(), found.Ref, noon)
	if err != nil || now.Validation.State != secret.ValidationUnspecified || now.EnabledVersionCount != 2 || now.Etag != found.Etag+1 {
		t.Errorf("the secret is %+v, %v", now, err)
	}
	if seconds(s.row(t, found.Ref, "meta")["validate_at"]) != fmt.Sprint(later.Unix()) {
		t.Error("its provider is not to be asked")
	}
}
