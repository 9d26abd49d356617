package main

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"keepsake/infra/template/resolve"
)

// Parameters that this program sets.
const (
	architecture       = "Architecture"
	originKey          = "OriginKey"
	reserveConcurrency = "ReserveConcurrency"
)

// isRelease reports whether a parameter is the release of a function, such as GetSecretRelease.
func isRelease(name string) bool { return strings.HasSuffix(name, "Release") }

// defaultArch is the architecture of a new stack. It costs a fifth less than x86_64.
const defaultArch = "arm64"

// readParameters returns the parameters that the template declares.
func readParameters(path string) (map[string]resolve.Parameter, error) {
	template, err := readTemplate(path, resolve.Names{}, nil)
	if err != nil {
		return nil, err
	}
	// SAM prints every parameter that it is given, except those.
	if key, ok := template.Parameters[originKey]; ok && !key.NoEcho {
		return nil, fmt.Errorf("%s: %s must be NoEcho: it would be printed", path, originKey)
	}
	return template.Parameters, nil
}

func readTemplate(path string, names resolve.Names, values map[string]string) (*resolve.Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	template, err := resolve.Parse(text, names, values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return template, nil
}

// choice is what SAM is told of parameters. Without a value here, a parameter keeps the one that the stack
// has (SAM sends UsePreviousValue), or gets its default in a new stack.
type choice struct {
	values   map[string]string
	arch     string // that the functions are built for
	declared map[string]resolve.Parameter
	notes    []string // for the person who deploys
}

func choose(s settings, declared map[string]resolve.Parameter, t target) (choice, error) {
	c := choice{values: map[string]string{}, declared: declared}
	c.arch = cmp.Or(s.arch, t.parameters[architecture], defaultArch)
	c.set(architecture, c.arch)
	for name, value := range s.parameters {
		c.set(name, value)
	}
	if _, has := t.parameters[originKey]; !has || s.rotate {
		c.set(originKey, newKey())
	}
	if s.rotate && t.deployed {
		c.notes = append(c.notes, "ROTATE_ORIGIN_KEY: for some minutes, until CloudFront has the new key everywhere, requests can be refused with 403.")
	}
	// Only a first deployment chooses: later, what is unreserved does not count what this stack has reserved.
	_, decided := t.parameters[reserveConcurrency]
	if s.parameters[reserveConcurrency] == "" && !decided && t.concurrency < leastConcurrency {
		c.set(reserveConcurrency, "false")
		c.notes = append(c.notes, fmt.Sprintf("ReserveConcurrency=false: this account has %d unreserved concurrent executions, and needs %d to reserve any. "+
			"When AWS has raised the quota, deploy with PARAMS=ReserveConcurrency=true.", t.concurrency, leastConcurrency))
	}
	return c, c.complete(t.parameters)
}

// set ignores a parameter that the template does not declare.
func (c choice) set(name, value string) {
	if _, ok := c.declared[name]; ok {
		c.values[name] = value
	}
}

// complete refuses a choice that leaves a parameter without a value. Releases are set after the build.
func (c choice) complete(deployed map[string]string) error {
	var missing []string
	for name, p := range c.declared {
		_, chosen := c.values[name]
		_, kept := deployed[name]
		if p.Default == nil && !chosen && !kept && !isRelease(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fmt.Errorf("PARAMS: %s is missing and has no default: add a value", strings.Join(missing, ", "))
	}
	return nil
}

func (c choice) printNotes(out io.Writer, stack string) {
	for _, note := range c.notes {
		_, _ = fmt.Fprintf(out, "%s: %s\n", stack, note)
	}
}

// newKey returns 52 letters and digits, from 260 random bits.
func newKey() string { return rand.Text() + rand.Text() }
