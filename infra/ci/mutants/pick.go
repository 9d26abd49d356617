package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// choice says which faults are planted: all, unless it names some.
type choice struct {
	only    string
	changed string
	most    int // of those that a change touches; 0: all of them
	sample  int
	seed    uint64
}

// pick returns the chosen faults, those in changed files first, and prints how many there are and the seed.
func (c choice) pick(root string, all []fault, out io.Writer) ([]fault, error) {
	if c.only != "" {
		return slices.DeleteFunc(all, func(f fault) bool { return !strings.Contains(f.list+" "+f.name, c.only) }), nil
	}
	if c.changed == "" && c.sample == 0 {
		return all, nil
	}
	first, second, rest, err := c.split(root, all)
	if err != nil {
		return nil, err
	}
	chance := rand.New(rand.NewPCG(c.seed, 0))
	for _, some := range [][]fault{first, second, rest} {
		chance.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	}
	sample := min(c.sample, len(rest))
	fmt.Fprintf(out, "%d faults in changed files, %d more of changed packages or tests, %d others with -seed %d\n",
		len(first), len(second), sample, c.seed)
	touched := slices.Concat(first, second)
	if c.most > 0 {
		touched = touched[:min(c.most, len(touched))]
	}
	return append(touched, rest[:sample]...), nil
}

// split splits the faults: those in changed files, those of changed packages, tests or lists, and the rest.
func (c choice) split(root string, all []fault) (first, second, rest []fault, err error) {
	if c.changed == "" {
		return nil, nil, all, nil
	}
	files, err := changedFiles(root, c.changed)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, f := range all {
		switch where, err := f.apply(root); {
		case err != nil:
			return nil, nil, nil, err
		case slices.Contains(files, where.path):
			first = append(first, f)
		case slices.ContainsFunc(files, f.touchedBy):
			second = append(second, f)
		default:
			rest = append(rest, f)
		}
	}
	return first, second, rest, nil
}

// touchedBy reports whether a changed file belongs to the fault's package, its tests or its list.
func (f fault) touchedBy(file string) bool {
	list, _, _ := strings.Cut(f.list, ":")
	folder := path.Dir(file)
	return folder == f.in || folder == path.Dir(f.in) || folder == f.testsIn || path.Base(file) == list
}

// changedFiles returns the files that differ from a revision, and those that git does not track.
func changedFiles(root, base string) ([]string, error) {
	var files []string
	for _, args := range [][]string{{"diff", "--name-only", base, "--"}, {"ls-files", "--others", "--exclude-standard"}} {
		command := exec.Command("git", args...)
		command.Dir = root
		out, err := command.Output()
		if err != nil {
			return nil, fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
		}
		files = append(files, strings.Fields(string(out))...)
	}
	return files, nil
}
