package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Statement is one statement of a policy. The laptop cloud takes only what Keepsake writes: who may
// do what to what, by name.
type Statement struct {
	Sid        string
	Effect     string              // Allow or Deny
	Principals map[string][]string // by their kind, AWS or Service; none in a role's policy, which is about the role
	Actions    []string
	Resources  []string // ARNs, in which * stands for any text; in a key's policy * is the key
	Condition  map[string]map[string]any
}

// The kinds of policy documents differ in what their statements must have, and cannot.
type (
	rolePolicy  []Statement // of what a role may do
	trustPolicy []Statement // of who may act as a role
	keyPolicy   []Statement // of who may do what with a key
)

// UnmarshalYAML reads what a role may do.
func (p *rolePolicy) UnmarshalYAML(node *yaml.Node) (err error) {
	*p, err = readPolicy(node, parts{resource: true})
	return err
}

// UnmarshalYAML reads who may act as a role.
func (p *trustPolicy) UnmarshalYAML(node *yaml.Node) (err error) {
	*p, err = readPolicy(node, parts{principal: true})
	return err
}

// UnmarshalYAML reads who may do what with a key.
func (p *keyPolicy) UnmarshalYAML(node *yaml.Node) (err error) {
	*p, err = readPolicy(node, parts{principal: true, resource: true})
	return err
}

// parts are what a statement has beside its effect and its actions.
type parts struct{ principal, resource bool }

// readPolicy reads a policy document that is written out; SAM's policy templates and the names of
// managed policies grant more than they show.
func readPolicy(node *yaml.Node, want parts) ([]Statement, error) {
	var written struct {
		Statement yaml.Node `yaml:"Statement"`
	}
	if node.Kind != yaml.MappingNode || node.Decode(&written) != nil || written.Statement.IsZero() {
		return nil, fmt.Errorf("line %d: a policy here is written out, with its statements", node.Line)
	}
	nodes := []*yaml.Node{&written.Statement}
	if written.Statement.Kind == yaml.SequenceNode {
		nodes = written.Statement.Content
	}
	var all []Statement
	for _, n := range nodes {
		statement, err := readStatement(n)
		if have := (parts{len(statement.Principals) > 0, len(statement.Resources) > 0}); err == nil && have != want {
			err = fmt.Errorf("in this kind of policy a statement has a Principal: %v; a Resource: %v", want.principal, want.resource)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n.Line, err)
		}
		all = append(all, statement)
	}
	return all, nil
}

func readStatement(node *yaml.Node) (Statement, error) {
	var written struct {
		Sid       string                    `yaml:"Sid"`
		Effect    string                    `yaml:"Effect"`
		Principal principals                `yaml:"Principal"`
		Action    oneOrMore                 `yaml:"Action"`
		Resource  oneOrMore                 `yaml:"Resource"`
		Condition map[string]map[string]any `yaml:"Condition"`
		Others    map[string]any            `yaml:",inline"`
	}
	if err := node.Decode(&written); err != nil {
		return Statement{}, err
	}
	for _, other := range slices.Sorted(maps.Keys(written.Others)) {
		return Statement{}, fmt.Errorf("the laptop cloud does not know %s in a statement", other)
	}
	if (written.Effect != "Allow" && written.Effect != "Deny") || len(written.Action) == 0 {
		return Statement{}, errors.New("a statement has an Effect (Allow or Deny) and an Action")
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

// principals are by their kind.
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

// oneOrMore is a list, or the one thing in it.
type oneOrMore []string

// UnmarshalYAML takes the one thing as well as the list.
func (o *oneOrMore) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*o = oneOrMore{node.Value}
		return nil
	}
	return node.Decode((*[]string)(o))
}
