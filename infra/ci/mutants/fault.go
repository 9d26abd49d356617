package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// fault is one edit of the product's code, and the tests that must notice it.
type fault struct {
	name    string // what is broken, in words
	in      string // the package, or the file, that the edit is in, from the repository's root
	within  string // the beginning of the function or block that the edit is in; empty: anywhere
	old     string // the text to replace, which occurs exactly once
	new     string // its replacement
	testsIn string // the package of the tests
	tests   string // their names, separated by |
	list    string // the list that has the fault, and the line there
}

// readLists reads all lists of a folder.
func readLists(folder string) ([]fault, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return nil, err
	}
	var all []fault
	taken := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		faults, err := parse(filepath.Base(file), string(content))
		if err != nil {
			return nil, err
		}
		for _, f := range faults {
			if taken[f.name] != "" {
				return nil, fmt.Errorf("%s: %q is also in %s", f.list, f.name, taken[f.name])
			}
			taken[f.name] = f.list
		}
		all = append(all, faults...)
	}
	return all, nil
}

// parse reads a list. Its faults are paragraphs, of these lines:
//
//	what is broken, in words
//	in package or file: the beginning of a function, if the old text occurs elsewhere too
//	by package of the tests: TestOne|TestAnother
//	- a line of the old text, or a part of it
//	+ a line of the new text
//
// A line that begins with # is a remark.
func parse(list, content string) ([]fault, error) {
	var faults []fault
	var current *fault
	for i, line := range strings.Split(content, "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			current = nil
		case current == nil:
			faults = append(faults, fault{name: line, list: fmt.Sprintf("%s:%d", list, i+1)})
			current = &faults[len(faults)-1]
		default:
			if !current.read(line) {
				return nil, fmt.Errorf("%s:%d: %q is not a line of a fault", list, i+1, line)
			}
		}
	}
	for _, f := range faults {
		if f.in == "" || f.old == "" || f.testsIn == "" || f.tests == "" || f.old == f.new {
			return nil, fmt.Errorf("%s: a fault needs a line in, a line by with tests, and an edit", f.list)
		}
	}
	return faults, nil
}

// read reads one line of a fault. It returns false if the line has no known form.
func (f *fault) read(line string) bool {
	kind, rest, _ := strings.Cut(line, " ")
	switch kind {
	case "in":
		f.in, f.within, _ = strings.Cut(rest, ": ")
	case "by":
		f.testsIn, f.tests, _ = strings.Cut(rest, ": ")
	case "-":
		f.old = addLine(f.old, rest)
	case "+":
		f.new = addLine(f.new, rest)
	default:
		return false
	}
	return true
}

func addLine(text, line string) string {
	if text == "" {
		return line
	}
	return text + "\n" + line
}
