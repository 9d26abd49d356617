// Package engine finds, installs and runs Dynoxide, an open-source DynamoDB engine. The laptop cloud and
// the tests keep their data in it.
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

// ErrMissing says that there is no engine on this machine.
var ErrMissing = errors.New("the DynamoDB engine (Dynoxide) is missing")

// Find returns the path of the engine's program: dynoxide on the PATH, or else the one that Install put
// into dir. It installs nothing. If there is no engine, the error is ErrMissing and names all ways to
// get one.
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
	return "", fmt.Errorf("%w. Get it in one of these ways:\n"+
		"  put a dynoxide on the PATH\n"+
		"  npm install --prefix %[2]s %[3]s@%[4]s   (seconds; Linux on x86-64)\n"+
		"  cargo install %[5]s --version %[6]s --locked --root %[2]s   (minutes)",
		ErrMissing, dir, npmPackage, npmVersion, cargoPackage, cargoVersion)
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}
