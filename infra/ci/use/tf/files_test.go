package terraform

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// files returns the files below a folder by their names, and those inside saved plans, which are zip files.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		found[entry.Name()] = string(content)
		if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
			for name, text := range unzip(t, content) {
				found[entry.Name()+"/"+name] = text
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func unzip(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range r.File {
		file, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(file)
		if err != nil {
			t.Fatal(err)
		}
		found[f.Name] = string(content)
	}
	return found
}
