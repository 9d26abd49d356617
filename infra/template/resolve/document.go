package resolve

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// document is the template as it is written.
type document struct {
	Parameters map[string]Parameter `yaml:"Parameters"`
	Globals    struct {
		Function yaml.Node `yaml:"Function"`
	} `yaml:"Globals"`
	Conditions map[string]yaml.Node `yaml:"Conditions"`
	Resources  yaml.Node            `yaml:"Resources"`
}

// written is a resource as it is written.
type written struct {
	id                  string
	line                int
	Type                string    `yaml:"Type"`
	Condition           string    `yaml:"Condition"` // empty: the resource is always made
	DeletionPolicy      string    `yaml:"DeletionPolicy"`
	UpdateReplacePolicy string    `yaml:"UpdateReplacePolicy"`
	Properties          yaml.Node `yaml:"Properties"`
}

// list returns the resources that are made: those without a condition, and those whose condition holds.
func list(node *yaml.Node, conditions conditions) ([]written, error) {
	if node.Kind != yaml.MappingNode {
		return nil, errors.New("the template has no Resources")
	}
	var made []written
	for i := 0; i+1 < len(node.Content); i += 2 {
		r := written{id: node.Content[i].Value, line: node.Content[i].Line}
		holds, err := true, node.Content[i+1].Decode(&r)
		if err == nil && r.Condition != "" {
			holds, err = conditions.hold(r.Condition)
		}
		if err != nil {
			return nil, fmt.Errorf("%s (line %d): %w", r.id, r.line, err)
		}
		if holds {
			made = append(made, r)
		}
	}
	return made, nil
}
