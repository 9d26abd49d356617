package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// document is the template as it is written.
type document struct {
	Parameters map[string]parameter `yaml:"Parameters"`
	Globals    struct {
		Function yaml.Node `yaml:"Function"`
	} `yaml:"Globals"`
	Conditions map[string]yaml.Node `yaml:"Conditions"`
	Resources  yaml.Node            `yaml:"Resources"`
}

type parameter struct {
	Type    string  `yaml:"Type"`
	Default *string `yaml:"Default"`
}

// resource is one entry of Resources.
type resource struct {
	id         string
	line       int
	Type       string    `yaml:"Type"`
	Condition  string    `yaml:"Condition"` // under which it is made; empty: always
	Properties yaml.Node `yaml:"Properties"`
}

func parse(content []byte, overrides []Override) (*Template, error) {
	var doc document
	if err := yaml.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	values, err := parameterValues(doc.Parameters, overrides)
	if err != nil {
		return nil, err
	}
	resources, err := listResources(&doc.Resources)
	if err != nil {
		return nil, err
	}
	scope := newScope(doc, values)
	if resources, err = scope.admit(resources); err != nil {
		return nil, err
	}
	// Functions act as roles, wherever those stand.
	slices.SortStableFunc(resources, func(a, b resource) int { return rank(a) - rank(b) })
	t := &Template{Parameters: values}
	for _, r := range resources {
		if err := t.add(r, scope, &doc.Globals.Function); err != nil {
			return nil, fmt.Errorf("%s (line %d): %w", r.id, r.line, err)
		}
	}
	return t, t.checkStreams()
}

// rank says what is read before what.
func rank(r resource) int {
	if r.Type == typeRole {
		return 0
	}
	return 1
}

func (t *Template) add(r resource, s *scope, globals *yaml.Node) error {
	switch r.Type {
	case typeFunction:
		f, err := readFunction(r, s, globals, t.Roles)
		t.Functions = append(t.Functions, f)
		return err
	case typeRole:
		role, err := readRole(r, s)
		t.Roles = append(t.Roles, role)
		return err
	case "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy":
		return errors.New("what a role may do is written out in the role, not beside it")
	case typeTable:
		table, err := readTable(r, s)
		t.Tables = append(t.Tables, table)
		return err
	case typeKey:
		key, err := readKey(r, s)
		t.Keys = append(t.Keys, key)
		return err
	case typeEdge:
		var properties struct {
			FunctionCode string `yaml:"FunctionCode"`
		}
		err := s.decode(&r.Properties, &properties)
		t.EdgeCode = properties.FunctionCode
		return err
	case typeDistribution:
		var err error
		t.OriginHeaders, err = originHeaders(r, s)
		return err
	}
	return nil // of no meaning on a laptop
}

func parameterValues(declared map[string]parameter, overrides []Override) (map[string]string, error) {
	values := map[string]string{}
	for name, p := range declared {
		if p.Default != nil {
			values[name] = *p.Default
		} else if value, ok := given[name]; ok {
			values[name] = value
		}
	}
	for _, override := range overrides {
		override(values)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if _, ok := declared[name]; !ok {
			return nil, fmt.Errorf("there is no parameter %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		value, ok := values[name]
		if !ok {
			return nil, fmt.Errorf("parameter %s has no default and was given no value", name)
		}
		if _, err := strconv.ParseFloat(value, 64); err != nil && declared[name].Type == "Number" {
			return nil, fmt.Errorf("parameter %s is a number, not %q", name, value)
		}
	}
	return values, nil
}

func listResources(node *yaml.Node) ([]resource, error) {
	if node.Kind != yaml.MappingNode {
		return nil, errors.New("the template has no Resources")
	}
	var resources []resource
	for i := 0; i+1 < len(node.Content); i += 2 {
		r := resource{id: node.Content[i].Value, line: node.Content[i].Line}
		if err := node.Content[i+1].Decode(&r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.id, err)
		}
		resources = append(resources, r)
	}
	return resources, nil
}
