package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"keepsake/infra/cli/service"
	"keepsake/shared/auth"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"keepsake": func() {
		wait = func(ctx context.Context, _ time.Duration) error { return service.Sleep(ctx, time.Millisecond) }
		main()
	}})
}

// Each story in testdata is what somebody types, against the real functions. Each has a workspace of its own, and all
// run side by side.
func TestStories(t *testing.T) { startStack(t).tell(t, "testdata") }

// This story moves the clock, so no other has its stack.
func TestADeleteIsUndoneByNameByIDAndAsTheLastOneUntilItsDeadline(t *testing.T) {
	startStack(t).tell(t, "testdata/alone")
}

// tell runs the stories of a folder.
func (s *stack) tell(t *testing.T, folder string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir: folder, Condition: condition, Setup: s.prepare,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": exits, "capture": capture, "token": s.token, "later": s.later, "breaks": s.breaks, "private": private, "is": is,
			"write": write, "large": large, "binary": binary, "broad": s.broad, "api": s.api, "until": until, "polls": s.polls,
		},
	})
}

func condition(name string) (bool, error) { return name == "windows" && runtime.GOOS == "windows", nil }

// prepare gives a story its own home, and the address of the stack.
func (s *stack) prepare(env *testscript.Env) error {
	workspace := "ws_" + strings.ReplaceAll(strings.TrimPrefix(filepath.Base(env.WorkDir), "script-"), "-", "_")
	env.Values["workspace"] = workspace
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_CONFIG_HOME", env.WorkDir+"/.config")
	env.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")     // the keyring of who runs the tests is not ours
	env.Setenv("PLANTED_FAULT", os.Getenv("PLANTED_FAULT")) // of infra/ci/mutants: it is in the program
	env.Setenv("URL", s.url)
	env.Setenv("KEEPSAKE_URL", s.url)
	env.Setenv("KEEPSAKE_TOKEN", s.mint(workspace))
	return nil
}

// code N COMMAND…: the command exits with N.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("%v exited with %d, want %d", args[1:], got, want)
	}
}

// is TEXT: the last stdout is this text, to the byte.
func is(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Unquote(`"` + strings.ReplaceAll(args[0], `"`, `\"`) + `"`)
	ts.Check(err)
	if got := ts.ReadFile("stdout"); got != want {
		ts.Fatalf("stdout is %q, want %q", got, want)
	}
}

// capture VARIABLE REGEXP: what the regexp's group matches in the last stdout.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if found == nil {
		ts.Fatalf("no match for %s", args[1])
	}
	ts.Setenv(args[0], found[1])
}

// token SCOPE…: from now on the story's token has these scopes; none: all.
func (s *stack) token(ts *testscript.TestScript, _ bool, args []string) {
	var scopes []auth.Scope
	for _, scope := range args {
		scopes = append(scopes, auth.Scope(scope))
	}
	ts.Setenv("KEEPSAKE_TOKEN", s.mint(ts.Value("workspace").(string), scopes...))
}

// later DURATION: moves the stack's clock.
func (s *stack) later(ts *testscript.TestScript, _ bool, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	s.pass(d)
}

// breaks STATUS…: the next responses to the story's token are these; 0 is the service's own, 999 lasts. Without a
// status the service is as it should be again.
func (s *stack) breaks(ts *testscript.TestScript, _ bool, args []string) {
	token := ts.Getenv("KEEPSAKE_TOKEN")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken[token] = nil
	for _, arg := range args {
		status, err := strconv.Atoi(arg)
		ts.Check(err)
		s.broken[token] = append(s.broken[token], status)
	}
}
