package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// weave puts as many of the faults as it can into one copy of the code, in which PLANTED_FAULT names the
// one that is planted. The tests of a package are then compiled once for all faults: compiling takes half
// a minute, running the tests of one fault a second. weave returns the overlay and the number of each
// fault. A fault without a number must be compiled alone.
func (l laboratory) weave(ctx context.Context, faults []fault) (overlay string, numbers map[string]int, err error) {
	apart := map[string]int{} // packages of which the values (1) or all faults (2) must be compiled alone
	for {
		w := weaving{laboratory: l, sources: map[string]*source{}, numbers: map[string]int{}}
		for i, f := range faults {
			if err := w.add(i+1, f, apart); err != nil {
				return "", nil, err
			}
		}
		if overlay, err = w.write(); err != nil {
			return "", nil, err
		}
		faulty := w.faulty(ctx, overlay)
		if len(faulty) == 0 {
			return overlay, w.numbers, nil
		}
		for _, folder := range faulty {
			apart[folder]++
		}
	}
}

// weaving is one attempt to weave.
type weaving struct {
	laboratory
	sources map[string]*source // by path
	numbers map[string]int     // by the fault's name
}

func (w weaving) add(number int, f fault, apart map[string]int) error {
	changed, err := f.apply(w.root)
	if err != nil {
		return err
	}
	level := apart[filepath.Dir(changed.path)]
	if level > 1 || filepath.Ext(changed.path) != ".go" { // it is tried alone
		return nil
	}
	s := w.sources[changed.path]
	if s == nil {
		content, err := os.ReadFile(filepath.Join(w.root, changed.path))
		if err != nil {
			return err
		}
		if s, err = readSource(changed.path, string(content)); err != nil {
			return err
		}
		w.sources[changed.path] = s
	}
	if s.add(number, changed.content, level == 0) {
		w.numbers[f.name] = number
	}
	return nil
}

// write writes the woven files and the overlay that adds them to the code.
func (w weaving) write() (string, error) {
	replace := map[string]string{}
	put := func(path, content string) error {
		copied := filepath.Join(w.scratch, strings.ReplaceAll(path, "/", "-"))
		replace[filepath.Join(w.root, path)] = copied
		return os.WriteFile(copied, []byte(content), 0o600)
	}
	for path, s := range w.sources {
		if err := put(path, s.woven()); err != nil {
			return "", err
		}
		if err := put(filepath.Join(filepath.Dir(path), "planted_fault.go"), switchFile(s.file.Name.Name)); err != nil {
			return "", err
		}
	}
	content, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(w.scratch, "overlay.json")
	return overlay, os.WriteFile(overlay, content, 0o600)
}

var faultyPackage = regexp.MustCompile(`(?m)^# keepsake/(.*)$`)

// faulty returns the packages that do not compile with all their faults in them.
func (w weaving) faulty(ctx context.Context, overlay string) (folders []string) {
	args := []string{"build", "-o", os.DevNull, "-overlay", overlay} // a single program would be left in the checkout
	for path := range w.sources {
		if folder := "./" + filepath.Dir(path); !slices.Contains(args, folder) {
			args = append(args, folder)
		}
	}
	text, err := w.command(ctx, w.root, "go", args...)
	if err == nil || len(w.sources) == 0 {
		return nil
	}
	fmt.Fprintf(os.Stderr, "mutants: some faults must be compiled alone: %s\n", text)
	for _, found := range faultyPackage.FindAllStringSubmatch(text, -1) {
		folders = append(folders, found[1])
	}
	return folders
}
