package main

import (
	"cmp"
	"crypto/rand"
	"errors"
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
	originKeyNext      = "OriginKeyNext"
	originKeyInUse     = "OriginKeyInUse" // originKey or originKeyNext
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
	for _, name := range []string{originKey, originKeyNext} {
		if key, ok := template.Parameters[name]; ok && !key.NoEcho {
			return nil, fmt.Errorf("%s: %s must be NoEcho: it would be printed", path, name)
		}
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
	for _, key := range []string{originKey, originKeyNext} {
		if _, has := t.parameters[key]; !has {
			c.set(key, newKey())
		}
	}
	if t.deployed {
		if err := c.rotate(s.rotate, t.parameters); err != nil {
			return c, err
		}
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

// rotate takes a step of changing the origin key. The functions accept both keys, and CloudFront shows one. The first
// step replaces the other one. The second step lets CloudFront show it. In between, CloudFormation has waited until
// every function has the new key, so no request is refused.
func (c *choice) rotate(step string, deployed map[string]string) error {
	spare := originKeyNext
	if deployed[originKeyInUse] == originKeyNext {
		spare = originKey
	}
	switch step {
	case "1":
		c.set(spare, newKey())
		c.notes = append(c.notes, "ROTATE_ORIGIN_KEY=1: the functions learn a new key, and CloudFront still shows the one before. "+
			"Then deploy with ROTATE_ORIGIN_KEY=2, once: CloudFront shows the new key.")
	case "2":
		if _, has := deployed[spare]; !has {
			return errors.New("ROTATE_ORIGIN_KEY=2: the functions do not have the next key yet: deploy with ROTATE_ORIGIN_KEY=1 first")
		}
		c.set(originKeyInUse, spare)
		c.notes = append(c.notes, "ROTATE_ORIGIN_KEY=2: CloudFront shows the other key, and the functions still accept the one before. "+
			"If that one has leaked, deploy with ROTATE_ORIGIN_KEY=1 again: it is forgotten.")
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
