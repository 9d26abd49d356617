package template

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// admit notes and returns the resources that are made: those without a condition, and those whose
// condition is fulfilled. The others are nobody's to refer to.
func (s *scope) admit(resources []resource) ([]resource, error) {
	var made []resource
	for _, r := range resources {
		if r.Condition != "" {
			fulfilled, err := s.fulfilled(r.Condition)
			if err != nil {
				return nil, fmt.Errorf("%s (line %d): %w", r.id, r.line, err)
			}
			if !fulfilled {
				continue
			}
		}
		s.resources[r.id] = r
		made = append(made, r)
	}
	return made, nil
}

// fulfilled evaluates the condition with this name.
func (s *scope) fulfilled(name string) (bool, error) {
	node, ok := s.conditions[name]
	if !ok {
		return false, fmt.Errorf("%q names no condition", name)
	}
	delete(s.conditions, name) // which is not made of itself
	defer func() { s.conditions[name] = node }()
	return s.test(node)
}

// test evaluates what a condition is made of.
func (s *scope) test(node *yaml.Node) (bool, error) {
	if node.Kind == yaml.MappingNode && len(node.Content) == 2 && node.Content[0].Value == "Condition" {
		return s.fulfilled(node.Content[1].Value)
	}
	function, argument, ok := intrinsic(node)
	if !ok {
		return false, fmt.Errorf("line %d: a condition is made of Equals, Not, And, Or and Condition", node.Line)
	}
	switch parts := argument.Content; {
	case function == "Condition":
		return s.fulfilled(argument.Value)
	case function == "Equals" && len(parts) == 2:
		return s.equal(parts[0], parts[1])
	case function == "Not" && len(parts) == 1:
		holds, err := s.test(parts[0])
		return !holds, err
	case function == "And" && len(parts) > 1:
		return s.testAll(parts, true)
	case function == "Or" && len(parts) > 1:
		return s.testAll(parts, false)
	}
	return false, fmt.Errorf("line %d: the laptop cloud does not know this %s of a condition", node.Line, function)
}

// testAll combines tests: those of an And are all true, those of an Or are not all false.
func (s *scope) testAll(parts []*yaml.Node, and bool) (bool, error) {
	result := and
	for _, part := range parts {
		holds, err := s.test(part)
		if err != nil {
			return false, err
		}
		if holds != and {
			result = !and
		}
	}
	return result, nil
}

func (s *scope) equal(a, b *yaml.Node) (bool, error) {
	var left, right string
	err := errors.Join(s.decode(a, &left), s.decode(b, &right))
	return left == right, err
}

// choose is !If [condition, then, else]. What is not chosen is not looked at.
func (s *scope) choose(argument *yaml.Node) (*yaml.Node, error) {
	parts := argument.Content
	if len(parts) != 3 {
		return nil, fmt.Errorf("line %d: an If has a condition's name and two values", argument.Line)
	}
	holds, err := s.fulfilled(parts[0].Value)
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", argument.Line, err)
	}
	if holds {
		return s.resolve(parts[1])
	}
	return s.resolve(parts[2])
}

// join is !Join [delimiter, list].
func (s *scope) join(argument *yaml.Node) (string, error) {
	if len(argument.Content) != 2 {
		return "", errors.New("a Join has a delimiter and a list")
	}
	var list []string
	err := s.decode(argument.Content[1], &list)
	return strings.Join(list, argument.Content[0].Value), err
}
