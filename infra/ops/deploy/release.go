package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
)

// releaseDigits is long enough that two releases of a stack are never equal by chance.
const releaseDigits = 16

// nameRelease sets Release to a hash of what is deployed: the functions as built, the template, and every
// parameter's value. If one of them has changed, every function gets a new version, to which its alias
// moves. If none has, there is nothing to deploy.
func (c choice) nameRelease(built string, deployed map[string]string) error {
	sum := sha256.New()
	if err := hashFiles(sum, built); err != nil {
		return fmt.Errorf("name the release: %w", err)
	}
	effective := map[string]string{}
	for name, p := range c.declared {
		if p.Default != nil {
			effective[name] = *p.Default
		}
		if value, ok := deployed[name]; ok { // the key is there as asterisks, and a new key is in c.values
			effective[name] = value
		}
	}
	maps.Copy(effective, c.values)
	delete(effective, release)
	if err := json.NewEncoder(sum).Encode(effective); err != nil { // sorted by name
		return fmt.Errorf("name the release: %w", err)
	}
	c.set(release, hex.EncodeToString(sum.Sum(nil))[:releaseDigits])
	return nil
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
