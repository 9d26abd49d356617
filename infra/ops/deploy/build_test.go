package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// checkout is a small repository with this project's Makefile and one function.
type checkout struct {
	t      *testing.T
	folder string
}

func newCheckout(t *testing.T) checkout {
	t.Helper()
	makefile, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	c := checkout{t, t.TempDir()}
	c.write("Makefile", string(makefile))
	c.write("go.mod", "module small\n\ngo 1.26\n")
	c.write("functions/get-secret/main.go", "package main\n\nfunc main() {}\n")
	c.run("git", "init", "--quiet")
	return c
}

func (c checkout) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// run runs a program as on a machine on which nobody has configured git or Go.
func (c checkout) run(name string, args ...string) {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), name, args...)
	cmd.Dir = c.folder
	for _, pair := range withoutMake(os.Environ()) {
		if !strings.HasPrefix(pair, "GOFLAGS=") && !strings.HasPrefix(pair, "GIT_") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(cmd.Env, "GOENV=off", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// built commits the checkout and builds the function.
func (c checkout) built() []byte {
	c.t.Helper()
	c.run("git", "add", "functions", "go.mod", "Makefile", "README.md")
	c.run("git", "-c", "user.name=ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message=a change")
	c.run("make", "build/get-secret", "ARCH=x86_64")
	binary, err := os.ReadFile(filepath.Join(c.folder, ".build/get-secret/bootstrap"))
	if err != nil {
		c.t.Fatal(err)
	}
	return binary
}

func TestACommitThatChangesOnlyAPageChangesNoFunction(t *testing.T) {
	c := newCheckout(t)
	c.write("README.md", "a page")
	before := c.built()
	c.write("README.md", "another page")
	if after := c.built(); !bytes.Equal(before, after) {
		t.Error("the same function was built into another binary")
	}
	c.write("functions/get-secret/main.go", "package main\n\nfunc main() { println() }\n")
	if after := c.built(); bytes.Equal(before, after) {
		t.Error("another function was built into the same binary")
	}
}
