package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"keepsake/infra/cloud/engine"
)

// patience is how long anything may take on a busy machine. A test that passes never waits so long.
const patience = 30 * time.Second

// root is the real checkout. Its engine and its sources are used; nothing is written there.
var root, _ = filepath.Abs("../..")

// programs is the folder for the programs that buildOnce builds once for all tests. TestMain makes it.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "keepsake-programs-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(programs)
	os.Exit(code)
}

// buildOnce builds the programs of make run, make smoke and make token, with make's flags and
// environment, so that both share the build cache.
var buildOnce = sync.OnceValue(func() error {
	functions := filepath.Join(programs, "functions") + string(filepath.Separator)
	err := goBuild(nil, "-o", programs, "./infra/local", "./infra/ops/smoke", "./infra/ops/token")
	if err != nil {
		return err
	}
	return goBuild([]string{"CGO_ENABLED=0"}, "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", functions, "./functions/...")
})

func goBuild(env []string, args ...string) error {
	cmd := exec.Command("go", append([]string{"build"}, args...)...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// checkout is a folder in which the stack runs as in a developer's checkout: with the same template,
// samples and engine, and programs of the same sources. It has data of its own.
type checkout struct {
	t   *testing.T
	dir string
}

func newCheckout(t *testing.T) *checkout {
	t.Helper()
	engineBinary(t)
	if err := buildOnce(); err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir()) // as the kernel names it
	if err != nil {
		t.Fatal(err)
	}
	c := &checkout{t: t, dir: dir}
	for _, path := range []string{templatePath, eventsDir, engineDir} {
		c.link(filepath.Join(root, path), path)
	}
	functions, err := filepath.Glob(filepath.Join(programs, "functions", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, binary := range functions {
		c.link(binary, bootstrapPath(filepath.Base(binary)))
	}
	return c
}

func (c *checkout) path(name string) string { return filepath.Join(c.dir, name) }

func (c *checkout) link(to, name string) {
	c.t.Helper()
	if err := os.MkdirAll(filepath.Dir(c.path(name)), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Symlink(to, c.path(name)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *checkout) read(name string) string {
	c.t.Helper()
	content, err := os.ReadFile(c.path(name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(content)
}

// command returns a program of ours that runs in the checkout. Of this process's environment it gets
// only the PATH. Services on the Internet are out of reach, unless env names one.
func (c *checkout) command(ctx context.Context, program string, args, env []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(programs, program), args...)
	cmd.Dir, cmd.Env = c.dir, append([]string{"PATH=" + os.Getenv("PATH"), "HCLOUD_URL=http://127.0.0.1:1"}, env...)
	return cmd
}

// run runs a program, which must succeed, and returns its standard output.
func (c *checkout) run(program string, args []string, env ...string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	var stderr bytes.Buffer
	cmd := c.command(ctx, program, args, env)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("%s %v %v: %v: %s", program, args, env, err, &stderr)
	}
	return string(out)
}

// refusal runs a stack that must refuse to start, with exit code 1 and one line. It returns the line.
func (c *checkout) refusal(env ...string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	var stderr bytes.Buffer
	cmd := c.command(ctx, "local", []string{"run"}, env)
	cmd.Stderr = &stderr
	err := cmd.Run()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		c.t.Fatalf("%v: it ended with %v, want exit code 1; it said %s", env, err, &stderr)
	}
	line, rest, _ := strings.Cut(stderr.String(), "\n")
	if line == "" || rest != "" {
		c.t.Errorf("%v: want one line, not %q", env, &stderr)
	}
	return line
}

func engineBinary(t *testing.T) string {
	t.Helper()
	binary, err := engine.Find(filepath.Join(root, engineDir))
	if err != nil {
		t.Fatalf("run `make engine` first: %v", err)
	}
	return binary
}
