package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"keepsake/infra/ops/internal/environment"
	"keepsake/infra/template/resolve"
)

// wish is what the caller has asked for.
type wish struct {
	stack, arch string            // arch is empty if ARCH is not set
	parameters  map[string]string // PARAMS
	rotate, yes bool
}

var (
	errNobodyToAsk = errors.New("there is no terminal to ask on whether to go on: YES=1 deploys without asking")
	stackForm      = regexp.MustCompile(`^[A-Za-z][0-9A-Za-z-]{0,127}$`)
)

// readWish reads the environment. An error names the variable that is wrong.
func readWish(env environment.Lookup, declared map[string]resolve.Parameter) (wish, error) {
	w := wish{stack: env.Get("STACK"), arch: env.Get("ARCH"), yes: env.Get("YES") == "1", rotate: env.Get("ROTATE_ORIGIN_KEY") == "1"}
	switch {
	case w.stack == "":
		return w, errors.New("STACK is not set: make deploy STACK=keepsake")
	case !stackForm.MatchString(w.stack):
		return w, fmt.Errorf("STACK: %q cannot name a stack: it must be a letter and up to 127 letters, digits or hyphens", w.stack)
	case w.arch != "" && w.arch != "arm64" && w.arch != "x86_64":
		return w, fmt.Errorf("ARCH is arm64 or x86_64, not %s", w.arch)
	}
	for _, name := range []string{"YES", "ROTATE_ORIGIN_KEY"} {
		if value := env.Get(name); value != "" && value != "1" {
			return w, fmt.Errorf("%s is 1 or not set, not %s", name, value)
		}
	}
	var err error
	w.parameters, err = readPARAMS(env.Get("PARAMS"), declared)
	return w, err
}

// ours are the parameters that have a way of their own.
var ours = map[string]string{
	architecture: "ARCH=x86_64 sets it, with what the functions are built for",
	originKey:    "it is made at the first deployment, and anew with ROTATE_ORIGIN_KEY=1",
	release:      "it follows from what is deployed",
}

// readPARAMS reads Name=value pairs. SAM would pass over a name that the template does not have.
func readPARAMS(text string, declared map[string]resolve.Parameter) (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range strings.Fields(text) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf(`PARAMS: %q is no Name=value: PARAMS="RetentionDays=14 BackupDays=7"`, pair)
		}
		if reason := ours[name]; reason != "" {
			return nil, fmt.Errorf("PARAMS: %s is not for PARAMS: %s", name, reason)
		}
		p, ok := declared[name]
		if !ok {
			return nil, fmt.Errorf("PARAMS: the template has no parameter %s: there are %s", name, strings.Join(settable(declared), ", "))
		}
		if err := p.Check(value); err != nil {
			return nil, fmt.Errorf("PARAMS: %s: %w", name, err)
		}
		out[name] = value
	}
	return out, nil
}

func settable(declared map[string]resolve.Parameter) []string {
	var names []string
	for name := range declared {
		if ours[name] == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// isTerminal tells a terminal from a file, a pipe and /dev/null.
func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
