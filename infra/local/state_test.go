package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keepsake/infra/envfile"
)

func TestASecondStackOfACheckoutIsRefusedUntilTheFirstHasEnded(t *testing.T) {
	t.Chdir(t.TempDir())
	unlock, err := lockState()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockState(); err == nil || !strings.Contains(err.Error(), "runs already") {
		t.Errorf("error %v, want a refusal", err)
	}
	unlock()
	unlock, err = lockState()
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	unlock()
}

func TestAFreshStartForgetsTheDataAndKeepsWhatWasBuilt(t *testing.T) {
	t.Chdir(t.TempDir())
	lost := []string{dataPath, keysPath, envfile.Path}
	kept := []string{bootstrapPath("get-secret"), filepath.Join(engineDir, "bin", "dynoxide")}
	for _, path := range append(slices.Clone(lost), kept...) {
		write(t, path, "")
	}
	if err := forget(); err != nil {
		t.Fatal(err)
	}
	for _, path := range lost {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there", path)
		}
	}
	for _, path := range kept {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s is gone: %v", path, err)
		}
	}
}
