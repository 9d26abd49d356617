package cloudtest

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"testing"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/template"
)

// Main runs a package's tests for its TestMain and ends the process. If all of them ran and passed it
// then fails nevertheless where the role of a tested function allows an action on a resource that no
// test has had it do: such a right is one too many, or lacks its test.
func Main(m *testing.M, tested func(template.Function) bool) {
	code := m.Run()
	if code == 0 && runsAll() && !allExercised(tested) {
		code = 1
	}
	os.Exit(code)
}

func allExercised(tested func(template.Function) bool) bool {
	_, t, err := readTemplate()
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		return false
	}
	untested := func(f template.Function) bool { return !tested(f) }
	return exercised.judge(os.Stderr, slices.DeleteFunc(t.Functions, untested))
}

// runsAll reports whether this is a run of the whole package: no flag has picked some of its tests.
func runsAll() bool {
	for _, name := range []string{"run", "skip", "list", "bench", "fuzz"} {
		if f := flag.Lookup("test." + name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return !testing.Short()
}

// record is of the rights that functions have made use of.
type record struct {
	mu   sync.Mutex
	used map[iam.Right]bool
}

// exercised is of all clouds of this process, each of which belongs to one test.
var exercised record

func (r *record) note(rights []iam.Right) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.used == nil {
		r.used = map[iam.Right]bool{}
	}
	for _, right := range rights {
		r.used[right] = true
	}
}

// judge tells what no test has exercised, one right a line, and reports whether there is nothing to tell.
func (r *record) judge(out io.Writer, functions []template.Function) bool {
	fine := true
	for _, f := range functions {
		for _, right := range r.lacks(f) {
			if fine {
				_, _ = fmt.Fprintln(out, "FAIL: the template allows what no test of this package has a function do. Take it out, or test what needs it:")
			}
			_, _ = fmt.Fprintln(out, "   ", right)
			fine = false
		}
	}
	return fine
}

// lacks lists the rights of a function that nobody has noted. What Lambda does by itself with a
// function's role is no call of the function's, and no test of it can make one.
func (r *record) lacks(f template.Function) []iam.Right {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(iam.Rights(f), func(right iam.Right) bool { return right.IsForLambda() || r.used[right] })
}
