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

// apply returns the file that f is in as the fault makes it. It refuses a fault whose old text is not
// there exactly once, so that a list cannot go on in silence when the code has changed.
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
		return edited{}, fmt.Errorf("%s: %q: its old text stands %d times in %s %s", f.list, f.name, count, f.in, f.within)
	}
	return found[0], nil
}

// files are those that f's edit may be in: the one that it names, or those of its package.
func (f fault) files(root string) ([]string, error) {
	if strings.HasSuffix(f.in, ".go") {
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

// region is the part of a file from a text to the end of the function or the block that it begins;
// the whole file without a text, nothing if the text is not there.
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

// overlay writes the edited file, and what `go build -overlay` reads, to a folder. It returns the
// latter's path.
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
