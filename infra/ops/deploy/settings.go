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

// settings is what the environment says.
type settings struct {
	stack, arch string            // arch is empty if ARCH is not set
	parameters  map[string]string // PARAMS
	tags        map[string]string // TAGS, to set
	untag       []string          // TAGS, to remove
	role        string            // ROLE: what CloudFormation acts as, or empty
	rotate      string            // ROTATE_ORIGIN_KEY: a step, or empty
	yes         bool
	review      bool // CHANGESET=only: stop after the change set
}

var (
	errNoTerminal = errors.New("there is no terminal to ask on whether to go on: set YES=1 to deploy without being asked, or CHANGESET=only to stop before")
	roleARN       = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:role/\S+$`)
	stackName     = regexp.MustCompile(`^[A-Za-z][0-9A-Za-z-]{0,127}$`)
)

// readSettings reads the environment. An error names the variable that is wrong.
func readSettings(env environment.Lookup, declared map[string]resolve.Parameter) (settings, error) {
	s := settings{stack: env.Get("STACK"), arch: env.Get("ARCH"), yes: env.Get("YES") == "1", rotate: env.Get("ROTATE_ORIGIN_KEY"), review: env.Get("CHANGESET") == "only"}
	switch {
	case s.stack == "":
		return s, errors.New("STACK is not set: make deploy STACK=keepsake")
	case !stackName.MatchString(s.stack):
		return s, fmt.Errorf("STACK: %q cannot name a stack: it must be a letter and up to 127 letters, digits or hyphens", s.stack)
	case s.arch != "" && s.arch != "arm64" && s.arch != "x86_64":
		return s, fmt.Errorf("ARCH: %q is not allowed: choose arm64 or x86_64", s.arch)
	}
	if value := env.Get("YES"); value != "" && value != "1" {
		return s, fmt.Errorf("YES: %q is not allowed: set it to 1, or leave it out", value)
	}
	if value := env.Get("CHANGESET"); value != "" && value != "only" {
		return s, fmt.Errorf("CHANGESET: %q is not allowed: set it to only, or leave it out", value)
	}
	if s.rotate != "" && s.rotate != "1" && s.rotate != "2" {
		return s, fmt.Errorf("ROTATE_ORIGIN_KEY: %q is not allowed: set it to 1, and at the next deployment to 2", s.rotate)
	}
	if s.role = env.Get("ROLE"); s.role != "" && !roleARN.MatchString(s.role) {
		return s, fmt.Errorf("ROLE: %q is not the ARN of a role: ROLE=arn:aws:iam::123456789012:role/cloudformation", s.role)
	}
	var err error
	if s.tags, s.untag, err = readTAGS(env.Get("TAGS")); err != nil {
		return s, err
	}
	s.parameters, err = readPARAMS(env.Get("PARAMS"), declared)
	return s, err
}

// setElsewhere says how a parameter is set that PARAMS must not set, or "" if PARAMS may set it.
func setElsewhere(name string) string {
	switch {
	case name == architecture:
		return "ARCH=x86_64 sets it, and what the functions are built for"
	case name == originKey, name == originKeyNext, name == originKeyInUse:
		return "the first deployment makes the keys, and ROTATE_ORIGIN_KEY=1 and then 2 changes them"
	case isRelease(name):
		return "it follows from what is deployed"
	}
	return ""
}

// readPARAMS reads Name=value pairs. SAM would ignore a name that the template does not have.
func readPARAMS(text string, declared map[string]resolve.Parameter) (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range strings.Fields(text) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf(`PARAMS: %q is not Name=value: PARAMS="RetentionDays=14 BackupDays=7"`, pair)
		}
		if how := setElsewhere(name); how != "" {
			return nil, fmt.Errorf("PARAMS: %s cannot be set here: %s", name, how)
		}
		p, ok := declared[name]
		if !ok {
			return nil, fmt.Errorf("PARAMS: the template has no parameter %s: choose from %s", name, strings.Join(settable(declared), ", "))
		}
		if err := p.Check(value); err != nil {
			return nil, fmt.Errorf("PARAMS: %s: %w", name, err)
		}
		out[name] = value
	}
	return out, nil
}

// settable lists the parameters that PARAMS may set.
func settable(declared map[string]resolve.Parameter) []string {
	var names []string
	for name := range declared {
		if setElsewhere(name) == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// isTerminal reports whether the file is a terminal: not a file on disk, a pipe or /dev/null.
func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
