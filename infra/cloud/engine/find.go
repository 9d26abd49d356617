// Package engine finds, installs and runs Dynoxide, the open-source DynamoDB engine that the laptop
// cloud and the tests store their data in.
package engine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	npmPackage   = "@dynoxide/linux-x64"
	npmVersion   = "1.2.1"
	cargoPackage = "dynoxide-rs"
	cargoVersion = "3.2.0"
)

// ErrMissing is what Find reports when there is no engine on this machine.
var ErrMissing = errors.New("the DynamoDB engine (Dynoxide) is not here")

// Find looks for the engine's program: dynoxide on the PATH, then what Install leaves in dir.
// It installs nothing. An error that is ErrMissing names every way to get one.
func Find(dir string) (string, error) {
	if path, err := exec.LookPath("dynoxide"); err == nil {
		return path, nil
	}
	fromNPM, err := filepath.Glob(filepath.Join(dir, "node_modules", "@dynoxide", "*", "dynoxide"))
	if err != nil {
		return "", fmt.Errorf("look for the engine in %s: %w", dir, err)
	}
	for _, path := range append(fromNPM, filepath.Join(dir, "bin", "dynoxide")) {
		if isProgram(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w; any of these gets it:\n"+
		"  put a dynoxide on the PATH\n"+
		"  npm install --prefix %[2]s %[3]s@%[4]s   (seconds; Linux on x86-64)\n"+
		"  cargo install %[5]s --version %[6]s --locked --root %[2]s   (minutes)",
		ErrMissing, dir, npmPackage, npmVersion, cargoPackage, cargoVersion)
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}
