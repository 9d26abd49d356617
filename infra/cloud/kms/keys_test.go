package kms_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keepsake/infra/cloud/kms"
)

func TestKeysStayTheSameFromOneStartToTheNext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	specs := []kms.Key{{ARN: prefix + "sealing"}, {ARN: prefix + "fingerprint", MAC: true}}
	first := load(t, path, specs)
	if len(first[0].Secret) != 32 || bytes.Equal(first[0].Secret, first[1].Secret) {
		t.Fatal("two keys need two secrets of 32 bytes")
	}
	if !first[1].MAC || first[1].ARN != prefix+"fingerprint" {
		t.Errorf("the second key became %s", first[1].ARN)
	}
	second := load(t, path, specs)
	for i := range specs {
		if !bytes.Equal(first[i].Secret, second[i].Secret) {
			t.Errorf("%s has another secret after a restart", specs[i].ARN)
		}
	}
}

func TestOnlyTheOwnerCanReadTheKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	load(t, path, []kms.Key{{ARN: prefix + "sealing"}})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key file's mode is %v", info.Mode())
	}
}

func TestAKeyThatIsNewInTheTemplateLeavesTheOthersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	old := load(t, path, []kms.Key{{ARN: prefix + "sealing"}})
	load(t, path, []kms.Key{{ARN: prefix + "new"}})
	again := load(t, path, []kms.Key{{ARN: prefix + "sealing"}})
	if !bytes.Equal(old[0].Secret, again[0].Secret) {
		t.Error("the old key has another secret")
	}
}

func TestABrokenKeyFileIsReportedAndKept(t *testing.T) {
	for name, content := range map[string]string{
		"no JSON":        "oops",
		"null":           "null",
		"a short secret": `{"` + prefix + `sealing": "c2hvcnQ="}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keys.json")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := kms.LoadKeys(path, []kms.Key{{ARN: prefix + "sealing"}}); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("the error is %v", err)
			}
			if kept, err := os.ReadFile(path); err != nil || string(kept) != content {
				t.Errorf("the file became %q, %v", kept, err)
			}
		})
	}
}

func load(t *testing.T, path string, specs []kms.Key) []kms.Key {
	t.Helper()
	keys, err := kms.LoadKeys(path, specs)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
