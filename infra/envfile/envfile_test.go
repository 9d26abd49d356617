package envfile

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

func TestWhatIsWrittenIsReadAgainAndOnlyItsOwnerMayReadIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "env")
	for _, token := range []string{"sk_akua_old", "sk_akua_a=b"} { // the second time over the first
		if err := Write(path, Token+"="+token, Tokens+"=TokensTable"); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Read(path)
	want := map[string]string{Token: "sk_akua_a=b", Tokens: "TokensTable"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("read %v, %v; want %v", got, err, want)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("%v is left behind", left)
	}
}

func TestAMissingFileIsErrNotExist(t *testing.T) {
	if _, err := Read(filepath.Join(t.TempDir(), "env")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
}
