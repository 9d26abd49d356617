package structure

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// infra/cloud plays AWS for any template. Its callers pass in what it must know of this one.
func TestTheCloudNamesNothingOfKeepsake(t *testing.T) {
	names := []string{"keepsake", "akua", `\.local`, "shared/[a-z]+"}
	tmpl := readTemplate(t)
	for _, table := range tmpl.Tables {
		names = append(names, table.Name)
	}
	for _, f := range tmpl.Functions {
		names = append(names, f.Name)
		for variable := range f.Environment {
			names = append(names, variable)
		}
		for _, route := range f.Routes {
			if route.Path != "/" { // which says nothing
				names = append(names, regexp.QuoteMeta(route.Path))
			}
		}
	}
	for header := range tmpl.OriginHeaders {
		names = append(names, header)
	}
	// $default is the gateway's own word, and this module's path is not a name of the product.
	known := regexp.MustCompile(`\$default|"keepsake/infra/`)
	name := regexp.MustCompile(`(?:^|[^A-Za-z0-9_])(?:(?i:` + strings.Join(names[:4], "|") + `)|` + strings.Join(names[4:], "|") + `)(?:[^A-Za-z0-9_]|$)`)
	err := filepath.WalkDir(filepath.Join(root, "infra", "cloud"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
			return err
		}
		content, err := os.ReadFile(path)
		for number, line := range strings.Split(string(content), "\n") {
			if found := name.FindString(known.ReplaceAllString(line, "")); found != "" {
				t.Errorf("%s:%d names %q: let the caller pass it in", path, number+1, strings.TrimSpace(found))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
