package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// A release is digits of a hash, and then its mark. SAM names a version by the first ten digits, so these depend on
// all that the version depends on, the mark too.
const (
	releaseDigits = 10
	markDigits    = 6
)

// nameRelease sets Release: a hash of what is deployed, which is the functions as built, the template, every parameter's
// value, and the release's mark. If one of them has changed, every function gets a new version, to which its alias
// moves. If none has, the stack keeps its release, and there is nothing to deploy.
//
// The mark is drawn anew for each release. Versions stay when a deployment is rolled back, so the same change must
// not get the same release the second time: SAM would name the new version as the one that is there. A new origin key
// is a change, too: AWS shows it only as asterisks, so it is not hashed.
func (c choice) nameRelease(built string, deployed map[string]string) error {
	content, err := c.content(built, deployed)
	if err != nil {
		return fmt.Errorf("name the release: %w", err)
	}
	name := releaseOf(content, markOf(deployed[release]))
	if _, another := c.values[originKey]; another || name != deployed[release] {
		name = releaseOf(content, newMark())
	}
	c.set(release, name)
	return nil
}

// content is the text of all that is deployed, apart from the origin key.
func (c choice) content(built string, deployed map[string]string) (string, error) {
	var text strings.Builder
	if err := hashFiles(&text, built); err != nil {
		return "", err
	}
	effective := map[string]string{}
	for name, p := range c.declared {
		if p.Default != nil {
			effective[name] = *p.Default
		}
		if value, ok := deployed[name]; ok {
			effective[name] = value
		}
	}
	maps.Copy(effective, c.values)
	delete(effective, release)
	delete(effective, originKey)
	err := json.NewEncoder(&text).Encode(effective) // sorted by name
	return text.String(), err
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
