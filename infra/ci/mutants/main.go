// Command mutants plants faults in the product's code, one at a time, and runs the tests that must
// find each. If a fault survives, a test is missing.
//
// The lists beside this file hold the faults, and say what each one breaks. A fault is planted by
// `go build -overlay`: no file of the repository changes. infra/ci/judge has a list of its own: it needs more than Go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"time"

	"keepsake/infra/cloud/host"
)

// errSurvived is the error of a run in which the tests did not find every fault.
var errSurvived = errors.New("not every fault was found")

// settings are the flags of the command line.
type settings struct {
	choice
	lists   string
	list    bool
	workers int
	limit   time.Duration
}

func main() {
	var s settings
	flag.StringVar(&s.lists, "lists", "infra/ci/mutants", "folder of the lists, from the repository's root")
	flag.BoolVar(&s.list, "list", false, "print the names of the faults and plant none")
	flag.StringVar(&s.only, "only", "", "plant the faults whose list or name contains this text")
	flag.StringVar(&s.changed, "changed", "", "plant the faults in packages or tests that differ from this git revision")
	flag.IntVar(&s.most, "most", 0, "plant at most this many of the faults that -changed chooses, those in changed files first; 0: all of them")
	flag.IntVar(&s.sample, "sample", 0, "plant this many other faults, drawn at random")
	flag.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano()), "seed of the random draw")
	flag.IntVar(&s.workers, "workers", runtime.NumCPU(), "number of faults to try at the same time")
	flag.DurationVar(&s.limit, "for", 0, "start no fault after this time; 0: try all of them")
	flag.Parse()
	if err := run(s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(s settings, out io.Writer) error {
	root, err := host.FindUp("go.mod")
	if err != nil {
		return err
	}
	faults, err := readLists(filepath.Join(root, s.lists))
	if err != nil {
		return err
	}
	picked, err := s.pick(root, faults, out)
	if err != nil {
		return err
	}
	if s.list {
		for _, f := range picked {
			fmt.Fprintln(out, f.name)
		}
		return nil
	}
	return try(root, picked, s, out)
}

// try plants the faults and reports the results.
func try(root string, faults []fault, s settings, out io.Writer) error {
	scratch, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	begun := time.Now()
	l := &laboratory{root: root, scratch: scratch}
	if err := l.prepare(ctx, faults); err != nil {
		return err
	}
	r := report{out: out}
	l.work(ctx, faults, s, begun, r.add)
	return r.end(len(faults), time.Since(begun))
}
