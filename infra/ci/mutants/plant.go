package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// edited is a file of the product with a fault in it.
type edited struct {
	path    string // from the repository's root
	content string
}

// apply returns the fault's file with the fault in it. It returns an error unless the old text occurs
// exactly once, so that a list cannot go stale unnoticed when the code changes.
func (f fault) apply(root string) (edited, error) {
	files, err := f.files(root)
	if err != nil {
		return edited{}, err
	}
	var found []edited
	count := 0
	for _, path := range files {
		content, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return edited{}, err
		}
		begin, end := region(string(content), f.within)
		if n := strings.Count(string(content[begin:end]), f.old); n > 0 {
			count += n
			changed := strings.Replace(string(content[begin:end]), f.old, f.new, 1)
			found = append(found, edited{path, string(content[:begin]) + changed + string(content[end:])})
		}
	}
	if count != 1 {
		return edited{}, fmt.Errorf("%s: %q: its old text occurs %d times in %s %s, not once", f.list, f.name, count, f.in, f.within)
	}
	return found[0], nil
}

// files returns the files that f's edit may be in: the one that it names, or those of its package.
func (f fault) files(root string) ([]string, error) {
	if filepath.Ext(f.in) != "" {
		return []string{f.in}, nil
	}
	entries, err := os.ReadDir(filepath.Join(root, f.in))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			out = append(out, filepath.Join(f.in, name))
		}
	}
	return out, nil
}

// region returns the part of a file that begins with within and ends with that function or block. It is
// the whole file if within is empty, and nothing if the file does not contain it.
func region(content, within string) (begin, end int) {
	if within == "" {
		return 0, len(content)
	}
	begin = strings.Index(content, within)
	if begin < 0 {
		return 0, 0
	}
	end = len(content)
	for _, closing := range []string{"\n}\n", "\n)\n"} {
		if i := strings.Index(content[begin:], closing); i >= 0 {
			end = min(end, begin+i)
		}
	}
	return begin, end
}

// overlay writes the edited file and an overlay for `go build -overlay` into a folder. It returns the
// overlay's path.
func (e edited) overlay(root, folder string) (string, error) {
	replacement := filepath.Join(folder, filepath.Base(e.path))
	if err := os.WriteFile(replacement, []byte(e.content), 0o600); err != nil {
		return "", err
	}
	content, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, e.path): replacement}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "overlay.json")
	return path, os.WriteFile(path, content, 0o600)
}
