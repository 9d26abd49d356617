package terraform

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const page = "../../../docs/use/terraform.md"

var fence = regexp.MustCompile("(?ms)^( *)```hcl (\\S+)\\n(.*?)^ *```$")

// block returns a block of the page, by the file's name that stands behind its fence.
func block(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		if m[2] == file {
			return strings.ReplaceAll("\n"+m[3], "\n"+m[1], "\n")
		}
	}
	t.Fatalf("%s has no block %s", page, file)
	return ""
}

// change returns text with one thing in it replaced. It fails if the thing is not there.
func change(t *testing.T, text, before, after string) string {
	t.Helper()
	if strings.Count(text, before) != 1 {
		t.Fatalf("not once in the page's block: %s", before)
	}
	return strings.Replace(text, before, after, 1)
}

func TestThePageNamesTheProviderThatIsTested(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	pinned := regexp.MustCompile(`magodo/terraform-provider-restful v(\S+)`).FindSubmatch(mod)
	if !strings.Contains(block(t, "provider.tf"), `version = "`+string(pinned[1])+`"`) {
		t.Errorf("the page names another version than %s", pinned[1])
	}
}

// Each block of the page must be run by a test, so a block that a test does not name is a mistake.
func TestEveryBlockOfThePageIsTested(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, file := range tests {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(source)
	}
	if strings.Count(string(text), "```hcl") != len(fence.FindAll(text, -1)) {
		t.Error("a block of the page has no file's name behind its fence")
	}
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		if !strings.Contains(code.String(), `"`+m[2]+`"`) {
			t.Errorf("no test runs %s", m[2])
		}
	}
}
