package resolve

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

const textTag = "!!str"

// noValue is what !Ref AWS::NoValue becomes: the property or the element is not there.
var noValue = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}

// tree resolves properties: texts, lists and maps.
type tree struct {
	conditions
	references
	declared map[string]Parameter
	failed   map[*yaml.Node]error // what could not be resolved
}

// value resolves a part of the template.
func (t tree) value(v Value) Value {
	if v.node == nil {
		return v
	}
	return Value{t.resolve(v.node), t.failed}
}

// resolve returns a copy of the node without intrinsic functions.
func (t tree) resolve(node *yaml.Node) *yaml.Node {
	switch function := tagged(node); {
	case node.Kind == yaml.AliasNode:
		return t.fail(node, fmt.Errorf("line %d: a YAML alias is not supported: write the value out", node.Line))
	case function == "If":
		return t.branch(node)
	case function == "Ref" && node.Value == "AWS::NoValue":
		return noValue
	case function != "":
		return t.scalar(node)
	}
	return t.content(node)
}

// scalar resolves a reference. One to a parameter of type Number may become a number.
func (t tree) scalar(node *yaml.Node) *yaml.Node {
	text, err := t.references.text(node)
	if err != nil {
		return t.fail(node, err)
	}
	tag := textTag
	if tagged(node) == "Ref" && t.declared[node.Value].Type == numeric {
		tag = ""
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text, Line: node.Line, Column: node.Column}
}

// content returns a copy of a node whose content is resolved. In a mapping a property without a value
// goes with its name, which is the content before it.
func (t tree) content(node *yaml.Node) *yaml.Node {
	resolved := *node
	resolved.Content = nil
	for _, child := range node.Content {
		part := t.resolve(child)
		switch {
		case part != noValue:
			resolved.Content = append(resolved.Content, part)
		case node.Kind == yaml.MappingNode:
			resolved.Content = resolved.Content[:len(resolved.Content)-1]
		}
	}
	if node.Kind == yaml.MappingNode && len(node.Content) == 2 {
		if key := node.Content[0].Value; key == "Ref" || strings.HasPrefix(key, "Fn::") {
			return t.fail(node, fmt.Errorf("line %d: the key %s is not supported: write !%s", node.Line, key, strings.TrimPrefix(key, "Fn::")))
		}
	}
	return &resolved
}

// branch resolves !If [condition, then, else]. The branch that is not taken is not looked at.
func (t tree) branch(node *yaml.Node) *yaml.Node {
	parts := node.Content
	if len(parts) != 3 {
		return t.fail(node, fmt.Errorf("line %d: !If takes a condition's name and two values", node.Line))
	}
	holds, err := t.hold(parts[0].Value)
	if err != nil {
		return t.fail(node, fmt.Errorf("line %d: %w", node.Line, err))
	}
	if holds {
		return t.resolve(parts[1])
	}
	return t.resolve(parts[2])
}

// fail notes why the node cannot be resolved, and returns an empty text instead.
func (t tree) fail(node *yaml.Node, err error) *yaml.Node {
	failed := &yaml.Node{Kind: yaml.ScalarNode, Tag: textTag, Line: node.Line}
	t.failed[failed] = err
	return failed
}
