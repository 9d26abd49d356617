package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Statement is one statement of a policy. The laptop cloud takes only what Keepsake writes: what is
// allowed, by name.
type Statement struct {
	Sid       string
	Effect    string // Allow or Deny
	Actions   []string
	Resources []string // ARNs; * may stand for any part
	Condition map[string]map[string]any
}

type policy struct{ statements []Statement }

// UnmarshalYAML reads a policy document that is written out in the function; SAM's policy templates
// and the names of managed policies grant more than they show.
func (p *policy) UnmarshalYAML(node *yaml.Node) error {
	var written struct {
		Statement yaml.Node `yaml:"Statement"`
	}
	if node.Kind != yaml.MappingNode || node.Decode(&written) != nil || written.Statement.IsZero() {
		return fmt.Errorf("line %d: a policy here is written out, with its statements", node.Line)
	}
	nodes := []*yaml.Node{&written.Statement}
	if written.Statement.Kind == yaml.SequenceNode {
		nodes = written.Statement.Content
	}
	for _, n := range nodes {
		statement, err := readStatement(n)
		if err != nil {
			return fmt.Errorf("line %d: %w", n.Line, err)
		}
		p.statements = append(p.statements, statement)
	}
	return nil
}

func readStatement(node *yaml.Node) (Statement, error) {
	var written struct {
		Sid       string                    `yaml:"Sid"`
		Effect    string                    `yaml:"Effect"`
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
	if (written.Effect != "Allow" && written.Effect != "Deny") || len(written.Action) == 0 || len(written.Resource) == 0 {
		return Statement{}, errors.New("a statement has an Effect (Allow or Deny), an Action and a Resource")
	}
	return Statement{
		Sid:       written.Sid,
		Effect:    written.Effect,
		Actions:   written.Action,
		Resources: written.Resource,
		Condition: written.Condition,
	}, nil
}

// oneOrMore is a list, or the one thing in it.
type oneOrMore []string

// UnmarshalYAML takes both spellings.
func (o *oneOrMore) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*o = oneOrMore{node.Value}
		return nil
	}
	return node.Decode((*[]string)(o))
}
