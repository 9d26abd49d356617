// Package template reads the SAM template that AWS deploys, with every reference replaced by what it
// means on the laptop, so that the local stack cannot drift from the deployed one.
package template

import (
	"fmt"
	"os"
	"slices"
)

// Template is what the laptop cloud runs. Its lists are in the template's order.
type Template struct {
	Parameters map[string]string // the values in force
	Functions  []Function
	Roles      []Role
	Tables     []Table
	Keys       []Key
	EdgeCode   string // the source of the CloudFront function; empty if there is none
	// OriginHeaders are what the CloudFront distribution adds to each request, by lower-case names.
	OriginHeaders map[string]string
}

// Override gives a parameter another value than its default.
type Override func(parameters map[string]string)

// With sets a parameter's value.
func With(parameter, value string) Override {
	return func(parameters map[string]string) { parameters[parameter] = value }
}

// Function finds a function by its operation's name, such as "undelete-secret".
func (t *Template) Function(name string) (Function, bool) {
	i := slices.IndexFunc(t.Functions, func(f Function) bool { return f.Name == name })
	if i < 0 {
		return Function{}, false
	}
	return t.Functions[i], true
}

// Read reads the template at path. What it does not understand (an unknown intrinsic function, a
// reference to nothing) is an error that names the resource and the line.
func Read(path string, overrides ...Override) (*Template, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	t, err := parse(content, overrides)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}
