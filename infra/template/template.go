// Package template reads the SAM template that AWS deploys, so that the local stack cannot drift from the
// deployed one. Package resolve first replaces every reference by its meaning on the laptop. Out of the plain
// values this package then reads functions, roles, tables and keys.
package template

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"keepsake/infra/template/resolve"
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

// Read reads the template at path with its meaning on the laptop. If it finds an intrinsic function, an event
// or a name that it does not know, the error names the resource and the line.
func Read(path string, overrides ...Override) (*Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	values := map[string]string{}
	for _, override := range overrides {
		override(values)
	}
	plain, err := resolve.Parse(text, laptop, values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t, err := shape(plain)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// shape reads structs out of plain values.
func shape(plain *resolve.Template) (*Template, error) {
	if missing := plain.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("parameter %s has no default: give it a value", missing[0])
	}
	t := &Template{Parameters: plain.Values}
	for _, r := range rolesFirst(plain.Resources) {
		if err := t.add(r, plain.Globals); err != nil {
			return nil, fmt.Errorf("%s (line %d): %w", r.ID, r.Line, err)
		}
	}
	return t, t.checkStreams()
}

// rolesFirst moves the roles to the front: a function is read with its role.
func rolesFirst(resources []resolve.Resource) []resolve.Resource {
	var roles, others []resolve.Resource
	for _, r := range resources {
		if r.Type == typeRole {
			roles = append(roles, r)
		} else {
			others = append(others, r)
		}
	}
	return append(roles, others...)
}

// add reads a resource, if it means anything on a laptop.
func (t *Template) add(r resolve.Resource, globals resolve.Value) (err error) {
	switch r.Type {
	case typeFunction:
		var f Function
		f, err = readFunction(r, globals, t.Roles)
		t.Functions = append(t.Functions, f)
	case typeRole:
		var role Role
		role, err = readRole(r)
		t.Roles = append(t.Roles, role)
	case "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy":
		err = errors.New("a policy beside a role is not supported: write its statements into the role")
	case typeTable:
		table := Table{Name: r.ID}
		err = r.Properties.Decode(&table)
		t.Tables = append(t.Tables, table)
	case typeKey:
		var key Key
		key, err = readKey(r)
		t.Keys = append(t.Keys, key)
	case typeEdge:
		err = r.Properties.At("FunctionCode").Decode(&t.EdgeCode)
	case typeDistribution:
		t.OriginHeaders, err = originHeaders(r.Properties)
	}
	return err
}

// checkStreams refuses a function that reads the stream of a table without one.
func (t *Template) checkStreams() error {
	for _, f := range t.Functions {
		for _, s := range f.Streams {
			writes := func(table Table) bool { return table.Name == s.Table && table.Stream.View != "" }
			if !slices.ContainsFunc(t.Tables, writes) {
				return fmt.Errorf("%s: the table %s has no StreamSpecification", f.LogicalID, s.Table)
			}
		}
	}
	return nil
}
