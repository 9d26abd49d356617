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

// Main runs a package's tests for its TestMain and ends the process. If all tests ran and passed, it
// fails anyway if the role of a tested function has a right that no test used: remove such a right, or
// test it.
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
	return exercised.complete(os.Stderr, slices.DeleteFunc(t.Functions, untested))
}

// runsAll reports whether this run has all tests of the package: no flag selects some of them.
func runsAll() bool {
	for _, name := range []string{"run", "skip", "list", "bench", "fuzz"} {
		if f := flag.Lookup("test." + name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return !testing.Short()
}

// usage is the rights that functions have used.
type usage struct {
	mu   sync.Mutex
	used map[iam.Right]bool
}

// exercised is the usage of all clouds of this process.
var exercised usage

func (u *usage) note(rights []iam.Right) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.used == nil {
		u.used = map[iam.Right]bool{}
	}
	for _, right := range rights {
		u.used[right] = true
	}
}

// complete writes the rights that no test used to out, one a line, and reports whether there are none.
func (u *usage) complete(out io.Writer, functions []template.Function) bool {
	all := true
	for _, f := range functions {
		for _, right := range u.unused(f) {
			if all {
				_, _ = fmt.Fprintln(out, "FAIL: the template allows what no test of this package makes a function do. Remove it, or test it:")
			}
			_, _ = fmt.Fprintln(out, "   ", right)
			all = false
		}
	}
	return all
}

// unused lists the rights of a function that no test used. It leaves out those that Lambda itself uses:
// no test of the function can call for them.
func (u *usage) unused(f template.Function) []iam.Right {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.DeleteFunc(iam.Rights(f), func(right iam.Right) bool { return right.IsForLambda() || u.used[right] })
}
