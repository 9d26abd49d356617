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

// The parameters that are not left to PARAMS alone.
const (
	architecture       = "Architecture"
	originKey          = "OriginKey"
	release            = "Release"
	reserveConcurrency = "ReserveConcurrency"
)

// defaultArch costs a fifth less than x86_64.
const defaultArch = "arm64"

// readParameters returns the parameters that the template declares.
func readParameters(path string) (map[string]resolve.Parameter, error) {
	template, err := readTemplate(path, resolve.Names{})
	if err != nil {
		return nil, err
	}
	// SAM prints every parameter that it is given, except those.
	if key, ok := template.Parameters[originKey]; ok && !key.NoEcho {
		return nil, fmt.Errorf("%s: %s must be NoEcho: it would be printed", path, originKey)
	}
	return template.Parameters, nil
}

func readTemplate(path string, names resolve.Names) (*resolve.Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	template, err := resolve.Parse(text, names, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return template, nil
}

// choice is what SAM is told of parameters. One that it is not told of keeps the value that the
// stack has (SAM sends UsePreviousValue), or gets its default in a new stack.
type choice struct {
	values   map[string]string
	arch     string // what the functions are built for
	declared map[string]resolve.Parameter
	notes    []string
}

func choose(w wish, declared map[string]resolve.Parameter, s site) (choice, error) {
	c := choice{values: map[string]string{}, declared: declared}
	c.arch = cmp.Or(w.arch, s.parameters[architecture], defaultArch)
	c.set(architecture, c.arch)
	for name, value := range w.parameters {
		c.set(name, value)
	}
	if _, has := s.parameters[originKey]; !has || w.rotate {
		c.set(originKey, newKey())
	}
	if w.rotate && s.deployed {
		c.notes = append(c.notes, "ROTATE_ORIGIN_KEY: until CloudFront has the new key everywhere, some minutes, requests can be refused with 403.")
	}
	// A choice of the first deployment: afterwards the stack's own reservations count.
	_, decided := s.parameters[reserveConcurrency]
	if w.parameters[reserveConcurrency] == "" && !decided && s.concurrency < leastConcurrency {
		c.set(reserveConcurrency, "false")
		c.notes = append(c.notes, fmt.Sprintf("ReserveConcurrency=false: Lambda leaves this account %d concurrent executions, and %d would be needed to reserve any. "+
			"Once AWS has raised the quota: PARAMS=ReserveConcurrency=true.", s.concurrency, leastConcurrency))
	}
	return c, c.complete(s.parameters)
}

// set passes over what this template does not declare.
func (c choice) set(name, value string) {
	if _, ok := c.declared[name]; ok {
		c.values[name] = value
	}
}

// complete finds what nobody has said. The release is not known before the build.
func (c choice) complete(deployed map[string]string) error {
	var missing []string
	for name, p := range c.declared {
		_, chosen := c.values[name]
		_, kept := deployed[name]
		if p.Default == nil && !chosen && !kept && name != release {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fmt.Errorf("PARAMS lacks %s: the template has no default for it", strings.Join(missing, ", "))
	}
	return nil
}

func (c choice) announce(out io.Writer, stack string) {
	for _, note := range c.notes {
		_, _ = fmt.Fprintf(out, "%s: %s\n", stack, note)
	}
}

// newKey is 52 letters and digits, from 260 random bits.
func newKey() string { return rand.Text() + rand.Text() }
