package resolve

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Resource is an entry of Resources.
type Resource struct {
	ID                  string   `yaml:"-"` // its logical id
	Line                int      `yaml:"-"`
	Name                string   `yaml:"-"`         // its physical name; empty if that could not be resolved
	Type                string   `yaml:"Type"`      // such as AWS::KMS::Key
	Condition           string   `yaml:"Condition"` // empty: the resource is always made
	DependsOn           []string `yaml:"DependsOn"` // logical ids; SAM may have made them
	DeletionPolicy      string   `yaml:"DeletionPolicy"`
	UpdateReplacePolicy string   `yaml:"UpdateReplacePolicy"`
	Properties          Value    `yaml:"Properties"`
}

// list returns the resources that are made: those without a condition, and those whose condition holds. They
// are not resolved yet.
func list(node *yaml.Node, conditions conditions) ([]Resource, error) {
	if node.Kind != yaml.MappingNode {
		return nil, errors.New("the template has no Resources")
	}
	var made []Resource
	for i := 0; i+1 < len(node.Content); i += 2 {
		r := Resource{ID: node.Content[i].Value, Line: node.Content[i].Line}
		holds, err := true, node.Content[i+1].Decode(&r)
		if err == nil && r.Condition != "" {
			holds, err = conditions.hold(r.Condition)
		}
		if err != nil {
			return nil, fmt.Errorf("%s (line %d): %w", r.ID, r.Line, err)
		}
		if holds {
			made = append(made, r)
		}
	}
	return made, nil
}
