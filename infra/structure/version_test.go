package structure

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// versions are the places of a release's number. In the changelog the newest release comes first.
var versions = []struct{ path, pattern string }{
	{"CHANGELOG.md", `(?m)^## (\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}$`},
	{"shared/api/openapi.json", `"title": "Keepsake",\s+"version": "([^"]*)"`},
	{"template.yaml", `(?m)^  KeepsakeVersion:\n    Description: .*\n    Value: "([^"]*)"$`},
}

func TestChangelogDocumentAndStackAgreeOnTheVersion(t *testing.T) {
	found := map[string]string{}
	for _, v := range versions {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(v.path)))
		if err != nil {
			t.Fatal(err)
		}
		match := regexp.MustCompile(v.pattern).FindSubmatch(text)
		if match == nil {
			t.Fatalf("%s names no version", v.path)
		}
		found[v.path] = string(match[1])
	}
	for path, version := range found {
		if version != found["CHANGELOG.md"] {
			t.Errorf("%s has version %s, and the newest release in CHANGELOG.md is %s", path, version, found["CHANGELOG.md"])
		}
	}
}
