package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"keepsake/infra/cloud/engine"
)

const (
	noteInstallation = `echo "${0##*/} $*" >> "$INSTALLATIONS"`
	installsFromNPM  = noteInstallation + `
		/bin/cp package-lock.json "$INSTALLATIONS.lock"
		/bin/mkdir -p node_modules/@dynoxide/linux-x64
		echo '#!/bin/sh' > node_modules/@dynoxide/linux-x64/dynoxide
		/bin/chmod +x node_modules/@dynoxide/linux-x64/dynoxide`
	builds = noteInstallation + `
		/bin/mkdir -p bin
		echo '#!/bin/sh' > bin/dynoxide
		/bin/chmod +x bin/dynoxide`
	fails = `echo "some first words"; echo "npm error code E404: there is no such thing" >&2; echo "last words" >&2; exit 1`
)

func TestAnEngineOnThePathComesFirst(t *testing.T) {
	tools, dir := onlyTools(t), t.TempDir()
	own := script(t, dir, "bin/dynoxide", "")
	if got, err := engine.Find(dir); err != nil || got != own {
		t.Errorf("without one on the path Find returns %q, %v; want %q", got, err, own)
	}
	global := script(t, tools, "dynoxide", "")
	if got, err := engine.Find(dir); err != nil || got != global {
		t.Errorf("with one on the path Find returns %q, %v; want %q", got, err, global)
	}
}

func TestAMissingEngineIsReportedWithAllWaysToGetOne(t *testing.T) {
	onlyTools(t)
	_, err := engine.Find(t.TempDir())
	if !errors.Is(err, engine.ErrMissing) {
		t.Fatalf("the error is %v", err)
	}
	for _, way := range []string{"dynoxide on the PATH", "npm install", "cargo install dynoxide-rs"} {
		if !strings.Contains(err.Error(), way) {
			t.Errorf("%q does not name %q", err, way)
		}
	}
}

func TestInstallFetchesThePinnedPackageFromNPM(t *testing.T) {
	needsPinnedPackage(t)
	tools, dir := onlyTools(t), filepath.Join(t.TempDir(), "engine")
	script(t, tools, "npm", installsFromNPM)
	script(t, tools, "cargo", builds)
	path, err := engine.Install(t.Context(), dir, t.Logf)
	if want := filepath.Join(dir, "node_modules/@dynoxide/linux-x64/dynoxide"); err != nil || path != want {
		t.Fatalf("Install returns %q, %v; want %q", path, err, want)
	}
	if got := installations(t); got != "npm ci --ignore-scripts --no-audit --no-fund\n" {
		t.Errorf("it ran %q", got)
	}
	var lock struct {
		Packages map[string]struct{ Version, Integrity, Resolved string }
	}
	content, err := os.ReadFile(os.Getenv("INSTALLATIONS") + ".lock")
	if err != nil || json.Unmarshal(content, &lock) != nil {
		t.Fatalf("the lock file is %q, %v", content, err)
	}
	pinned := lock.Packages["node_modules/@dynoxide/linux-x64"]
	if pinned.Version != "1.2.1" || !strings.HasPrefix(pinned.Integrity, "sha512-") || pinned.Resolved != "" {
		t.Errorf("the lock file pins %+v", pinned)
	}
}

func TestInstallBuildsWithCargoIfNPMFails(t *testing.T) {
	tools, dir := onlyTools(t), t.TempDir()
	script(t, tools, "npm", fails)
	script(t, tools, "cargo", builds)
	path, err := engine.Install(t.Context(), dir, t.Logf)
	if want := filepath.Join(dir, "bin", "dynoxide"); err != nil || path != want {
		t.Fatalf("Install returns %q, %v; want %q", path, err, want)
	}
	if got, want := installations(t), "cargo install dynoxide-rs --version 3.2.0 --locked --root "; !strings.HasPrefix(got, want) {
		t.Errorf("it ran %q, want %q", got, want)
	}
}

func TestAFetchThatBreaksOffLeavesNoEngineAndTheNextOneGetsIt(t *testing.T) {
	needsPinnedPackage(t)
	tools, dir := onlyTools(t), t.TempDir()
	npm := script(t, tools, "npm", installsFromNPM+"\nexit 1")
	if path, err := engine.Install(t.Context(), dir, t.Logf); err == nil {
		t.Fatalf("Install returns %q", path)
	}
	if path, err := engine.Find(dir); !errors.Is(err, engine.ErrMissing) {
		t.Errorf("Find returns %q, %v", path, err)
	}
	if err := os.WriteFile(npm, []byte("#!/bin/sh\n"+installsFromNPM), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Install(t.Context(), dir, t.Logf); err != nil {
		t.Error(err)
	}
}

func TestAnInterruptedFetchIsNotFollowedByABuild(t *testing.T) {
	needsPinnedPackage(t)
	tools, dir := onlyTools(t), t.TempDir()
	script(t, tools, "npm", "exec /bin/sleep 60")
	script(t, tools, "cargo", builds)
	ctx, cancel := context.WithCancel(t.Context())
	var printed []string
	_, err := engine.Install(ctx, dir, func(format string, args ...any) {
		printed = append(printed, fmt.Sprintf(format, args...))
		cancel()
	})
	if !errors.Is(err, context.Canceled) || len(printed) != 1 {
		t.Errorf("the error is %v; it printed %q", err, printed)
	}
}

func TestAnInstallationThatFailsSaysHowEachAttemptEnded(t *testing.T) {
	tools := onlyTools(t)
	script(t, tools, "npm", fails)
	_, err := engine.Install(t.Context(), t.TempDir(), t.Logf)
	if !errors.Is(err, engine.ErrMissing) {
		t.Fatalf("the error is %v", err)
	}
	attempts := []string{"dynoxide: not on the PATH", "cargo: not on the PATH", "npm: "}
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		attempts = append(attempts, "npm: exit status 1: npm error code E404: there is no such thing\n")
	}
	for _, attempt := range attempts {
		if !strings.Contains(err.Error(), attempt) {
			t.Errorf("%q does not say %q", err, attempt)
		}
	}
}

func TestWithoutANetworkTheErrorSaysWhatWasTriedAndWhy(t *testing.T) {
	needsPinnedPackage(t)
	tools := onlyTools(t)
	script(t, tools, "npm", `echo "npm error code EAI_AGAIN
npm error request to https://registry.example/x failed, reason: getaddrinfo EAI_AGAIN registry.example
npm error A complete log of this run can be found in: /x" >&2; exit 1`)
	script(t, tools, "cargo", `echo "    Updating the index
warning: spurious network error (1 try remaining): [6] Could not resolve hostname
error: download of config.json failed

Caused by:
  failed to download from https://index.example/config.json

Caused by:
  [6] Could not resolve hostname (Could not resolve host: index.example)" >&2; exit 101`)
	_, err := engine.Install(t.Context(), t.TempDir(), t.Logf)
	if !errors.Is(err, engine.ErrMissing) {
		t.Fatalf("the error is %v", err)
	}
	for _, line := range []string{
		"npm: exit status 1: npm error request to https://registry.example/x failed, reason: getaddrinfo EAI_AGAIN registry.example\n",
		"cargo: exit status 101: error: download of config.json failed: [6] Could not resolve hostname (Could not resolve host: index.example)\n",
		"a registry could not be reached",
	} {
		if !strings.Contains(err.Error(), line) {
			t.Errorf("%q does not say %q", err, line)
		}
	}
}

func TestInstallersGiveUpSoonUnlessTheEnvironmentSaysOtherwise(t *testing.T) {
	needsPinnedPackage(t)
	tools := onlyTools(t)
	script(t, tools, "npm", `echo "error: retries $npm_config_fetch_retries, $npm_config_fetch_retry_maxtimeout ms"; exit 1`)
	script(t, tools, "cargo", `echo "error: retries $CARGO_NET_RETRY, $CARGO_HTTP_TIMEOUT s"; exit 1`)
	t.Setenv("CARGO_NET_RETRY", "7")
	_, err := engine.Install(t.Context(), t.TempDir(), t.Logf)
	for _, line := range []string{"npm: exit status 1: error: retries 1, 1000 ms", "cargo: exit status 1: error: retries 7, 10 s"} {
		if err == nil || !strings.Contains(err.Error(), line) {
			t.Errorf("%v does not say %q", err, line)
		}
	}
	if strings.Contains(err.Error(), "could not be reached") {
		t.Error("another failure is taken for a missing network")
	}
}

func TestCallersAtOnceInstallOneEngine(t *testing.T) {
	tools, dir := onlyTools(t), t.TempDir()
	script(t, tools, "npm", installsFromNPM)
	script(t, tools, "cargo", builds)
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			if _, err := engine.Install(t.Context(), dir, t.Logf); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if got := strings.Count(installations(t), "\n"); got != 1 {
		t.Errorf("%d installations ran, want one", got)
	}
}

func needsPinnedPackage(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("no package is pinned for this platform")
	}
}

// onlyTools makes an empty folder the whole PATH and a file for what the scripts above note.
func onlyTools(t *testing.T) string {
	t.Helper()
	tools := t.TempDir()
	t.Setenv("PATH", tools)
	t.Setenv("INSTALLATIONS", filepath.Join(tools, "installations"))
	return tools
}

func installations(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(os.Getenv("INSTALLATIONS"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// script makes a program of a few lines of shell.
func script(t *testing.T, dir, name, lines string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+lines+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}
