package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

const (
	// patience is how long the tests of one fault may take. Some faults make them wait for ever.
	patience = 2 * time.Minute
	// patienceForAll is how long the tests of all faults of a package may take together, with none planted.
	patienceForAll = 10 * time.Minute
)

// verdict is the outcome of trying a fault.
type verdict string

const (
	killed   verdict = "killed"
	survived verdict = "SURVIVED"
	broken   verdict = "DOES NOT COMPILE"
	absent   verdict = "CANNOT BE TRIED"
)

// result is a fault and its verdict.
type result struct {
	fault
	verdict
	detail string // which test found it, or what went wrong
	took   time.Duration
}

// laboratory tries faults.
type laboratory struct {
	root, scratch string
	numbers       map[string]int    // of the faults that are woven into the binaries, by the fault's name
	binaries      map[string]string // the tests with those faults, by package
}

// work tries the faults, several at a time, and calls add with each result. It starts none after the limit.
func (l *laboratory) work(ctx context.Context, faults []fault, s settings, begun time.Time, add func(result)) {
	queue := make(chan fault)
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range s.workers {
		workers.Go(func() {
			for f := range queue {
				r := l.try(ctx, f)
				mu.Lock()
				add(r)
				mu.Unlock()
			}
		})
	}
	for _, f := range faults {
		if ctx.Err() != nil || s.limit > 0 && time.Since(begun) > s.limit {
			break
		}
		queue <- f
	}
	close(queue)
	workers.Wait()
}

// try plants one fault and runs its tests.
func (l *laboratory) try(ctx context.Context, f fault) (r result) {
	begun := time.Now()
	defer func() { r.fault, r.took = f, time.Since(begun) }()
	if number := l.numbers[f.name]; number > 0 {
		return judge(l.test(ctx, f.testsIn, l.binaries[f.testsIn], f.tests, number))
	}
	return l.tryAlone(ctx, f)
}

// tryAlone compiles the tests with a single fault, one that could not be woven in.
func (l *laboratory) tryAlone(ctx context.Context, f fault) result {
	folder, err := os.MkdirTemp(l.scratch, "")
	if err != nil {
		return result{verdict: absent, detail: err.Error()}
	}
	defer os.RemoveAll(folder)
	file, err := f.apply(l.root)
	if err != nil {
		return result{verdict: absent, detail: err.Error()}
	}
	overlay, err := file.overlay(l.root, folder)
	if err != nil {
		return result{verdict: absent, detail: err.Error()}
	}
	binary := filepath.Join(folder, "tests")
	if out, err := l.build(ctx, f.testsIn, binary, "-overlay", overlay); err != nil {
		return result{verdict: broken, detail: out}
	}
	return judge(l.test(ctx, f.testsIn, binary, f.tests, 0))
}

// judge reads a verdict from what a test binary has printed.
func judge(out string, err error) result {
	switch {
	case strings.Contains(out, "testing: warning: no tests to run"):
		return result{verdict: absent, detail: "there are no such tests"}
	case err == nil:
		return result{verdict: survived}
	}
	return result{verdict: killed, detail: finder(out)}
}

var failure = regexp.MustCompile(`(?m)^--- FAIL: (\w+)`)

// finder returns the name of the test that failed. If the process died before it printed one, finder
// returns the first line of the output.
func finder(out string) string {
	if found := failure.FindStringSubmatch(out); found != nil {
		return found[1]
	}
	first, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
	return first
}

// prepare compiles the tests with all the faults that can be woven in. It returns an error if tests fail
// with no fault planted: such tests would find every fault.
func (l *laboratory) prepare(ctx context.Context, faults []fault) (err error) {
	var overlay string
	if overlay, l.numbers, err = l.weave(ctx, faults); err != nil {
		return err
	}
	names := map[string][]string{}
	for _, f := range faults {
		names[f.testsIn] = append(names[f.testsIn], f.tests)
	}
	l.binaries = map[string]string{}
	for folder, tests := range names {
		binary := filepath.Join(l.scratch, strings.ReplaceAll(folder, "/", "-")+".test")
		if out, err := l.build(ctx, folder, binary, "-overlay", overlay); err != nil {
			return fmt.Errorf("%s does not compile: %s", folder, out)
		}
		if out, err := l.test(ctx, folder, binary, strings.Join(tests, "|"), 0); err != nil {
			return fmt.Errorf("%s fails without a fault:\n%s", folder, out)
		}
		l.binaries[folder] = binary
	}
	return nil
}

// build compiles a package's tests, without symbols: linking then takes half the time, and nobody debugs
// the binary.
func (l laboratory) build(ctx context.Context, folder, binary string, flags ...string) (string, error) {
	args := append([]string{"test", "-c", "-vet=off", "-ldflags=-w -s", "-o", binary}, flags...)
	return l.command(ctx, l.root, "go", append(args, "./"+folder)...)
}

func (l laboratory) test(ctx context.Context, folder, binary, tests string, number int) (string, error) {
	limit := patience
	if number == 0 {
		limit = patienceForAll
	}
	return l.command(ctx, filepath.Join(l.root, folder), "env", fmt.Sprint(switchName, "=", number), binary,
		"-test.run=^("+tests+")$", "-test.failfast", "-test.timeout="+limit.String())
}

func (l laboratory) command(ctx context.Context, folder, name string, args ...string) (string, error) {
	var out bytes.Buffer
	command := exec.CommandContext(ctx, name, args...)
	command.Dir, command.Stdout, command.Stderr = folder, &out, &out
	command.WaitDelay = time.Second // an engine that outlives its test holds the pipe open
	err := command.Run()
	return out.String(), err
}
