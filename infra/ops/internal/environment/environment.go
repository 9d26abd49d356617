// Package environment reads the variables that a program is given.
package environment

import (
	"fmt"
	"slices"
	"strings"
)

// Lookup looks a variable up, as os.LookupEnv does.
type Lookup func(name string) (value string, set bool)

// Of returns an environment of NAME=value pairs alone. Of two with one name the last counts.
func Of(pairs ...string) Lookup {
	return func(name string) (string, bool) {
		for _, pair := range slices.Backward(pairs) {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value, true
			}
		}
		return "", false
	}
}

// Names returns the names of NAME=value pairs.
func Names(pairs []string) []string {
	var names []string
	for _, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	return names
}

// Get returns a variable's value, or "" if it is not set.
func (e Lookup) Get(name string) string {
	value, _ := e(name)
	return value
}

// RefuseBlank returns an error that names the first of these variables that is set to nothing. Make
// strips blanks, so that SCOPES=" " and STACK=$unset_by_mistake both arrive like that, and neither was
// meant as the default.
func (e Lookup) RefuseBlank(names ...string) error {
	for _, name := range names {
		if value, set := e(name); set && value == "" {
			return fmt.Errorf("%s is blank: give it a value, or leave it out", name)
		}
	}
	return nil
}

// Stack returns the words that name the same stack in another command: " STACK=keepsake REGION=eu-west-1",
// or "" if the environment names none.
func (e Lookup) Stack() string {
	words := ""
	for _, name := range []string{"STACK", "REGION"} {
		if value := e.Get(name); value != "" {
			words += " " + name + "=" + value
		}
	}
	return words
}
