package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A release is digits of a hash, and then its mark. SAM names a version by the first ten digits, so these depend on
// all that the version depends on, the mark too.
const (
	releaseDigits = 10
	markDigits    = 6
)

// nameReleases sets the release of each function of which something has changed. It gets a new version, to which its
// alias moves. The others keep their releases and their versions.
//
// The mark is drawn anew for each release. Versions stay when a deployment is rolled back, so the same change must
// not get the same release the second time: SAM would name the new version as the one that is there. A new origin key
// is a change of every function, too: AWS shows it only as asterisks, so it is not hashed.
func (c choice) nameReleases(built string, deployed map[string]string) error {
	contents, err := c.contents(built, deployed)
	if err != nil {
		return fmt.Errorf("name the releases: %w", err)
	}
	anotherKey := c.values[originKey] != "" || c.values[originKeyNext] != ""
	for parameter, content := range contents {
		before := deployed[parameter]
		if anotherKey || before != releaseOf(content, markOf(before)) {
			c.set(parameter, releaseOf(content, newMark()))
		}
	}
	return nil
}

func releaseOf(content, mark string) string {
	sum := sha256.Sum256([]byte(mark + content))
	return hex.EncodeToString(sum[:])[:releaseDigits] + mark
}

// markOf returns a release's mark.
func markOf(name string) string { return name[min(releaseDigits, len(name)):] }

func newMark() string {
	random := make([]byte, markDigits/2)
	_, _ = rand.Read(random) // never fails
	return hex.EncodeToString(random)
}

// hashFiles hashes the names and contents of a folder's files, in the order of their names.
func hashFiles(sum io.Writer, dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(sum, "%s %d %x\n", path, len(content), sha256.Sum256(content))
		return err
	})
}
