// Package run gives secrets to a program: by its environment, and nowhere else. It reads them, keeps them for when
// the service is away if that is asked for, and restarts the program if one has changed.
package run

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"keepsake/infra/cli/service"
)

// File is the file that says what a program needs, if the command line does not.
const File = "keepsake.yaml"

// Bindings says which variable of the environment holds which secret.
type Bindings map[string]service.Reference

// variable is the form of the name of a variable.
var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Bind adds a variable. It returns a Failure if no shell could read the name, or if the reference is malformed.
func (b Bindings) Bind(name, reference string) error {
	if !variable.MatchString(name) {
		return service.Fail(service.Failed, "%q cannot be the name of a variable", name).
			Because("A name has letters, digits and underscores, and begins with no digit.")
	}
	r, err := service.ParseReference(reference)
	b[name] = r
	return err
}

// ParseBindings reads VAR=NAME[@alias], several of them.
func ParseBindings(texts []string) (Bindings, error) {
	b := Bindings{}
	for _, text := range texts {
		name, reference, ok := strings.Cut(text, "=")
		if !ok {
			return nil, service.Fail(service.Failed, "%q is not VAR=NAME", text)
		}
		if _, twice := b[name]; twice {
			return nil, service.Fail(service.Failed, "%s is given twice", name)
		}
		if err := b.Bind(name, reference); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// ReadFile reads the bindings of a keepsake.yaml.
func ReadFile(path string) (Bindings, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Env map[string]string `yaml:"env"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, service.Fail(service.Failed, "%s: %v", path, err)
	}
	if len(file.Env) == 0 {
		return nil, service.Fail(service.Failed, "%s names no variable", path).Because("It has lines such as:\nenv:\n  DB_PASSWORD: db-password@stable")
	}
	b := Bindings{}
	for _, name := range slices.Sorted(maps.Keys(file.Env)) {
		if err := b.Bind(name, file.Env[name]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// references lists what the bindings name, each once.
func (b Bindings) references() []service.Reference {
	seen := map[service.Reference]bool{}
	for _, r := range b {
		seen[r] = true
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b service.Reference) int { return strings.Compare(a.String(), b.String()) })
}
