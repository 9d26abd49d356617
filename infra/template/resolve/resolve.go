// Package resolve reads a SAM template and replaces each parameter, condition and reference by its meaning:
// on a laptop, in a deployment, or on paper. The result is plain values, from which package template decodes
// structs.
//
// It knows the intrinsic functions that template.yaml uses (Ref, GetAtt, Sub, If; Equals and Not in
// conditions) and refuses all others with the line that has them.
package resolve

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// Template is a template without references.
type Template struct {
	Parameters map[string]Parameter // as the template declares them
	Values     map[string]string    // the values of parameters; see Missing
	Globals    Value                // what all functions have in common
	Resources  []Resource           // those that are made, in the template's order
}

// Resource is an entry of Resources.
type Resource struct {
	ID                  string // its logical id
	Line                int
	Type                string // such as AWS::KMS::Key
	Name                string // its physical name; empty if that could not be resolved
	DeletionPolicy      string
	UpdateReplacePolicy string
	Properties          Value
}

// Parse reads a template. The values replace the defaults of parameters. A reference that cannot be resolved
// is an error only if its Value is decoded: a laptop, for one, has no meaning for much of a template.
func Parse(text []byte, names Names, values map[string]string) (*Template, error) {
	var doc document
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	t := &Template{Parameters: doc.Parameters}
	var err error
	if t.Values, err = choose(doc.Parameters, names.Parameters, values); err != nil {
		return nil, err
	}
	made, conditions := map[string]written{}, conditions{doc.Conditions, t.Values}
	resources, err := list(&doc.Resources, conditions)
	if err != nil {
		return nil, err
	}
	for _, r := range resources {
		made[r.id] = r
	}
	tree := tree{conditions, references{names, t.Values, made}, doc.Parameters, map[*yaml.Node]error{}}
	t.Globals = tree.value(&doc.Globals.Function)
	for _, r := range resources {
		name, _ := tree.name(r) // decoding the property returns the error again
		t.Resources = append(t.Resources, Resource{
			ID: r.id, Line: r.line, Type: r.Type, Name: name, DeletionPolicy: r.DeletionPolicy,
			UpdateReplacePolicy: r.UpdateReplacePolicy, Properties: tree.value(&r.Properties),
		})
	}
	return t, nil
}

// Missing lists the parameters that have no value: no default, and none that was given.
func (t *Template) Missing() []string {
	var names []string
	for name := range t.Parameters {
		if _, ok := t.Values[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
