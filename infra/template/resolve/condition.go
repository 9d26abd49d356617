package resolve

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// conditions are the template's conditions. They know parameters, and no resources.
type conditions struct {
	nodes  map[string]yaml.Node
	values map[string]string // of the parameters
}

// hold reports whether the condition with this name holds.
func (c conditions) hold(name string) (bool, error) {
	node, ok := c.nodes[name]
	if !ok {
		return false, fmt.Errorf("the condition %q is not known: add it to Conditions", name)
	}
	return c.test(&node)
}

// test evaluates !Equals [a, b] and !Not [condition].
func (c conditions) test(node *yaml.Node) (bool, error) {
	switch parts := node.Content; {
	case node.Tag == "!Equals" && len(parts) == 2:
		left, err := c.text(parts[0])
		if err != nil {
			return false, err
		}
		right, err := c.text(parts[1])
		return left == right, err
	case node.Tag == "!Not" && len(parts) == 1:
		holds, err := c.test(parts[0])
		return !holds, err
	}
	return false, fmt.Errorf("line %d: this condition is not supported: use !Equals [a, b] or !Not [condition]", node.Line)
}

// text is what an !Equals compares: a text, or the value of a parameter.
func (c conditions) text(node *yaml.Node) (string, error) {
	name := tagged(node)
	if node.Kind != yaml.ScalarNode || name != "" && name != "Ref" {
		return "", fmt.Errorf("line %d: !Equals compares texts and parameters (!Ref)", node.Line)
	}
	if name == "" {
		return node.Value, nil
	}
	value, ok := c.values[node.Value]
	if !ok {
		return "", fmt.Errorf("line %d: %q is not known: it must be a parameter with a value", node.Line, node.Value)
	}
	return value, nil
}
