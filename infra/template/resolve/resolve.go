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

// document is the template as it is written.
type document struct {
	Parameters map[string]Parameter `yaml:"Parameters"`
	Globals    struct {
		Function Value `yaml:"Function"`
	} `yaml:"Globals"`
	Conditions map[string]yaml.Node `yaml:"Conditions"`
	Resources  yaml.Node            `yaml:"Resources"`
}

// Parse reads a template. The values replace the defaults of parameters. A reference that cannot be resolved
// is an error only if its Value is decoded: a laptop, for one, has no meaning for much of a template.
func Parse(text []byte, names Names, values map[string]string) (*Template, error) {
	var doc document
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	values, err := choose(doc.Parameters, names.Parameter, values)
	if err != nil {
		return nil, err
	}
	conditions, made := conditions{doc.Conditions, values}, map[string]Resource{}
	resources, err := list(&doc.Resources, conditions)
	if err != nil {
		return nil, err
	}
	for _, r := range resources {
		made[r.ID] = r
	}
	tree := tree{conditions, references{names, values, made}, doc.Parameters, map[*yaml.Node]error{}}
	for i, r := range resources {
		resources[i].Name, _ = tree.name(r) // decoding the property returns the error again
		resources[i].Properties = tree.value(r.Properties)
	}
	return &Template{Parameters: doc.Parameters, Values: values, Globals: tree.value(doc.Globals.Function), Resources: resources}, nil
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
