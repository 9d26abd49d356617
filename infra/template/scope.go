package template

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

const textTag = "!!str"

// noValue is what !Ref AWS::NoValue becomes: the property or the element that it stands for is not
// there.
var noValue = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}

// scope knows what the names in a template mean on the laptop.
type scope struct {
	values     map[string]string // parameters and pseudo parameters
	numbers    map[string]bool   // which of them are numbers
	conditions map[string]*yaml.Node
	resources  map[string]resource // those that are made
}

func newScope(doc document, values map[string]string) *scope {
	s := &scope{
		values: map[string]string{}, numbers: map[string]bool{}, conditions: map[string]*yaml.Node{},
		resources: map[string]resource{},
	}
	for name, value := range pseudo {
		s.values[name] = value
	}
	for name, value := range values {
		s.values[name], s.numbers[name] = value, doc.Parameters[name].Type == "Number"
	}
	for name := range doc.Conditions {
		condition := doc.Conditions[name]
		s.conditions[name] = &condition
	}
	return s
}

// decode reads a node into a value after replacing every intrinsic function in it by its result.
// A node that is not there leaves the value as it is.
func (s *scope) decode(node *yaml.Node, into any) error {
	if node.IsZero() {
		return nil
	}
	resolved, err := s.resolve(node)
	if err != nil || resolved == noValue {
		return err
	}
	return resolved.Decode(into)
}

// resolve returns a copy of the node without intrinsic functions.
func (s *scope) resolve(node *yaml.Node) (*yaml.Node, error) {
	if node.Kind == yaml.AliasNode {
		return s.resolve(node.Alias)
	}
	if name, argument, ok := intrinsic(node); ok {
		return s.call(name, argument)
	}
	return s.resolveContent(node)
}

// resolveContent returns a copy of a node whose content is resolved. In a mapping a property goes
// with its name, which is the content before it.
func (s *scope) resolveContent(node *yaml.Node) (*yaml.Node, error) {
	resolved := *node
	resolved.Content = nil
	for _, child := range node.Content {
		part, err := s.resolve(child)
		if err != nil {
			return nil, err
		}
		switch {
		case part != noValue:
			resolved.Content = append(resolved.Content, part)
		case node.Kind == yaml.MappingNode:
			resolved.Content = resolved.Content[:len(resolved.Content)-1]
		}
	}
	return &resolved, nil
}

// intrinsic recognises both forms of a function: !Sub x and {"Fn::Sub": x}.
func intrinsic(node *yaml.Node) (name string, argument *yaml.Node, ok bool) {
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") {
		return node.Tag[1:], node, true
	}
	if node.Kind != yaml.MappingNode || len(node.Content) != 2 {
		return "", nil, false
	}
	key := node.Content[0].Value
	name, isFunction := strings.CutPrefix(key, "Fn::")
	return name, node.Content[1], isFunction || key == "Ref"
}

// call is what an intrinsic function's result is.
func (s *scope) call(function string, argument *yaml.Node) (*yaml.Node, error) {
	if function == "If" {
		return s.choose(argument)
	}
	if function == "Ref" && argument.Value == "AWS::NoValue" {
		return noValue, nil
	}
	result := &yaml.Node{Kind: yaml.ScalarNode, Tag: textTag, Line: argument.Line, Column: argument.Column}
	var err error
	switch function {
	case "Ref":
		result.Value, err = s.ref(argument.Value)
		if s.numbers[argument.Value] {
			result.Tag = "" // let the number be one
		}
	case "GetAtt":
		result.Value, err = s.getAtt(attributePath(argument))
	case "Sub":
		result.Value, err = s.sub(argument)
	case "Join":
		result.Value, err = s.join(argument)
	default:
		err = fmt.Errorf("the laptop cloud does not know the function %s", function)
	}
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", argument.Line, err)
	}
	return result, nil
}

func (s *scope) ref(name string) (string, error) {
	if value, ok := s.values[name]; ok {
		return value, nil
	}
	if r, ok := s.resources[name]; ok {
		return s.name(r)
	}
	return "", fmt.Errorf("%q names no parameter and no resource", name)
}

func (s *scope) getAtt(path string) (string, error) {
	id, name, _ := strings.Cut(path, ".")
	r, ok := s.resources[id]
	if !ok {
		return "", fmt.Errorf("%q names no resource", id)
	}
	physical, err := s.name(r)
	if err != nil {
		return "", err
	}
	value, ok := attribute(r, physical, name)
	if !ok {
		return "", fmt.Errorf("the laptop cloud has no %s of %s, which is an %s", name, id, r.Type)
	}
	return value, nil
}

// attributePath reads both !GetAtt A.b and !GetAtt [A, b].
func attributePath(argument *yaml.Node) string {
	if argument.Kind != yaml.SequenceNode {
		return argument.Value
	}
	parts := make([]string, len(argument.Content))
	for i, part := range argument.Content {
		parts[i] = part.Value
	}
	return strings.Join(parts, ".")
}
