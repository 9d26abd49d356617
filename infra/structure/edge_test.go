package structure

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unguarded are the files of shared/api whose operations serve anybody: all others run behind
// operation.go, which checks the caller and the request before the operation acts.
var unguarded = map[string]bool{"get_console.go": true, "get_openapi.go": true, "reject_unknown_route.go": true, "operation.go": true}

func TestNoOperationActsBeforeItsCallerAndItsRequestAreChecked(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "shared", "api", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files of shared/api are found", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		if strings.Contains(string(text), ".open(") && !unguarded[name] && !strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s serves its operation past the check: make it an operation[…]", name)
		}
	}
}
