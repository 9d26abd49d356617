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
	within  string // what begins the function or the block that the edit is in; empty: anywhere
	old     string // stands there exactly once
	new     string // is put in its place
	testsIn string // the package of the tests
	tests   string // their names, separated by |
	list    string // the list that the fault stands in, and its line there
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
				return nil, fmt.Errorf("%s: %q stands in %s too", f.list, f.name, taken[f.name])
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
//	in package or file: the beginning of a function, if the old text stands elsewhere too
//	by package of the tests: TestOne|TestAnother
//	- a line of the old text, or a part of one
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
				return nil, fmt.Errorf("%s:%d: %q says nothing of a fault", list, i+1, line)
			}
		}
	}
	for _, f := range faults {
		if f.in == "" || f.old == "" || f.testsIn == "" || f.tests == "" || f.old == f.new {
			return nil, fmt.Errorf("%s: a fault needs the lines in and by, with tests, and an edit", f.list)
		}
	}
	return faults, nil
}

// read takes one line of a fault; false if it is not of a known form.
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
