package host

import (
	"fmt"
	"os"
	"path/filepath"
)

// FindUp returns the nearest folder that has a file of this name: the working directory or one above it.
func FindUp(name string) (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("there is no %s in %s or above it: run this in the repository", name, start)
		}
	}
}
