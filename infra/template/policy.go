package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"keepsake/infra/template/resolve"
)

// Statement is one statement of a policy, as far as template.yaml uses it: who may do what to what, by
// name.
type Statement struct {
	Sid        string
	Effect     string              // Allow or Deny
	Principals map[string][]string // by their kind, AWS or Service; empty in a role's policy, which is about the role
	Actions    []string
	Resources  []string // ARNs, in which * stands for any text; in a key's policy * is the key
	Condition  map[string]map[string]any
}

// policyKind says whether the statements of a kind of policy have principals and resources. They must have
// these, and no others.
type policyKind struct{ principal, resource bool }

var (
	rolePolicy  = policyKind{resource: true}                  // what a role may do
	trustPolicy = policyKind{principal: true}                 // who may assume a role
	keyPolicy   = policyKind{principal: true, resource: true} // who may do what with a key
)

// read reads a policy document.
func (k policyKind) read(document resolve.Value) ([]Statement, error) {
	written := document.At("Statement")
	if written.Line() == 0 {
		return nil, errors.New("a policy must be written out here, with its Statement")
	}
	values := written.List()
	if values == nil {
		values = []resolve.Value{written}
	}
	var all []Statement
	for _, value := range values {
		statement, err := readStatement(value)
		if have := (policyKind{len(statement.Principals) > 0, len(statement.Resources) > 0}); err == nil && have != k {
			err = fmt.Errorf("in this kind of policy a statement has a Principal: %v; a Resource: %v", k.principal, k.resource)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", value.Line(), err)
		}
		all = append(all, statement)
	}
	return all, nil
}

func readStatement(value resolve.Value) (Statement, error) {
	var written struct {
		Sid       string                    `yaml:"Sid"`
		Effect    string                    `yaml:"Effect"`
		Principal principals                `yaml:"Principal"`
		Action    oneOrMore                 `yaml:"Action"`
		Resource  oneOrMore                 `yaml:"Resource"`
		Condition map[string]map[string]any `yaml:"Condition"`
		Others    map[string]any            `yaml:",inline"`
	}
	if err := value.Decode(&written); err != nil {
		return Statement{}, err
	}
	for _, other := range slices.Sorted(maps.Keys(written.Others)) {
		return Statement{}, fmt.Errorf("%s is not supported in a statement: leave it out", other)
	}
	if (written.Effect != "Allow" && written.Effect != "Deny") || len(written.Action) == 0 {
		return Statement{}, errors.New("a statement must have an Effect (Allow or Deny) and an Action")
	}
	return Statement{
		Sid:        written.Sid,
		Effect:     written.Effect,
		Principals: written.Principal,
		Actions:    written.Action,
		Resources:  written.Resource,
		Condition:  written.Condition,
	}, nil
}

// principals are those of a statement, by their kind.
type principals map[string][]string

// UnmarshalYAML also takes a bare *, which means the same as {AWS: "*"}: everybody.
func (p *principals) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*p = principals{"AWS": {node.Value}}
		return nil
	}
	var written map[string]oneOrMore
	if err := node.Decode(&written); err != nil {
		return err
	}
	*p = principals{}
	for kind, names := range written {
		(*p)[kind] = names
	}
	return nil
}

// oneOrMore is a list that may be written as its only element.
type oneOrMore []string

// UnmarshalYAML takes the element as well as the list.
func (o *oneOrMore) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*o = oneOrMore{node.Value}
		return nil
	}
	return node.Decode((*[]string)(o))
}
