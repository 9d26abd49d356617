package engine

import (
	"bytes"
	"context"
	_ "embed" // for the manifest and its lock file
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"keepsake/infra/cloud/host"
)

// The manifest pins the engine's version, the lock file the hash of the package.
var (
	//go:embed package.json
	manifest []byte
	//go:embed package-lock.json
	lockFile []byte
)

// Install returns the engine that Find finds. If there is none, it installs one into dir: npm's package
// if there is one for this platform, or else a build with cargo. It calls say before what takes time.
// Many processes may call Install at once: one installs, the others wait. If all attempts fail, the
// error says how each of them ended.
func Install(ctx context.Context, dir string, say func(format string, args ...any)) (string, error) {
	if path, err := Find(dir); !errors.Is(err, ErrMissing) {
		return path, err
	}
	dir, err := filepath.Abs(dir) // the installers run in it
	if err != nil {
		return "", fmt.Errorf("find the engine's folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the engine's folder: %w", err)
	}
	unlock, err := host.Lock(filepath.Join(dir, "lock"))
	if err != nil {
		return "", fmt.Errorf("wait for another installation of the engine: %w", err)
	}
	defer unlock()
	if path, err := Find(dir); !errors.Is(err, ErrMissing) {
		return path, err // another process installed it while this one waited
	}
	fromNPM := npm(ctx, dir, say)
	if fromNPM == nil {
		return Find(dir)
	}
	fromCargo := cargo(ctx, dir, say)
	if fromCargo == nil {
		return Find(dir)
	}
	if ctx.Err() != nil {
		return "", fmt.Errorf("install the DynamoDB engine: %w", ctx.Err())
	}
	_, missing := Find(dir)
	err = fmt.Errorf("%w\ntried:\n  dynoxide: not on the PATH\n  npm: %w\n  cargo: %w", missing, fromNPM, fromCargo)
	if isOffline(fromNPM) || isOffline(fromCargo) {
		err = fmt.Errorf("%w\na registry could not be reached: connect this machine, or name a proxy in HTTPS_PROXY", err)
	}
	return "", err
}

func npm(ctx context.Context, dir string, say func(string, ...any)) error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("there is no pinned package for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	program, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("not on the PATH")
	}
	say("fetching the DynamoDB engine (Dynoxide) from npm: some seconds")
	// npm unpacks while it fetches. It does so in another folder: if it is interrupted, no half of a
	// program is left where Find looks.
	stage, modules := filepath.Join(dir, "fetching"), "node_modules"
	if err := fillStage(stage); err != nil {
		return fmt.Errorf("write the pinned manifest: %w", err)
	}
	if err := run(ctx, stage, program, "ci", "--ignore-scripts", "--no-audit", "--no-fund"); err != nil {
		return err
	}
	err = errors.Join(
		os.RemoveAll(filepath.Join(dir, modules)), // Find found no engine in it
		os.Rename(filepath.Join(stage, modules), filepath.Join(dir, modules)),
		os.RemoveAll(stage))
	if err != nil {
		return fmt.Errorf("move the engine to %s: %w", filepath.Join(dir, modules), err)
	}
	return nil
}

// fillStage makes a folder that has only the two files that npm reads.
func fillStage(stage string) error {
	if err := errors.Join(os.RemoveAll(stage), os.Mkdir(stage, 0o755)); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(stage, "package.json"), manifest, 0o644),
		os.WriteFile(filepath.Join(stage, "package-lock.json"), lockFile, 0o644))
}

func cargo(ctx context.Context, dir string, say func(string, ...any)) error {
	if err := ctx.Err(); err != nil {
		return err // npm was interrupted
	}
	program, err := exec.LookPath("cargo")
	if err != nil {
		return errors.New("not on the PATH")
	}
	say("building the DynamoDB engine (Dynoxide) with cargo: some minutes, once")
	return run(ctx, dir, program, "install", cargoPackage, "--version", cargoVersion, "--locked", "--root", dir)
}

// run runs an installer. Its error is one line: how the installer ended and the line of its output that
// says why.
func run(ctx context.Context, dir, program string, args ...string) error {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &output, &output
	cmd.Env = append(fewRetries(), os.Environ()...) // if a variable is set twice, the last value counts
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, reason(output.String()))
	}
	return nil
}
