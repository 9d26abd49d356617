package resolve

import "go.yaml.in/yaml/v3"

// Value is a part of a template, with every reference in it resolved. The zero Value is a part that the
// template does not have.
type Value struct {
	node   *yaml.Node
	failed map[*yaml.Node]error // what could not be resolved
}

// UnmarshalYAML keeps the node, so that a struct can have a field which is decoded later.
func (v *Value) UnmarshalYAML(node *yaml.Node) error {
	v.node = node
	return nil
}

// Decode decodes the value by the yaml tags of into. What the template does not have stays as it is. Decode
// returns an error if a reference in the value could not be resolved.
func (v Value) Decode(into any) error {
	if v.node == nil {
		return nil
	}
	if err := v.failure(v.node); err != nil {
		return err
	}
	return v.node.Decode(into)
}

// failure returns the first reference in the node that could not be resolved, as an error.
func (v Value) failure(node *yaml.Node) error {
	if err := v.failed[node]; err != nil {
		return err
	}
	for _, child := range node.Content {
		if err := v.failure(child); err != nil {
			return err
		}
	}
	return nil
}

// At walks down by keys. It returns the zero Value if there is no such key.
func (v Value) At(keys ...string) Value {
	for _, key := range keys {
		v = v.at(key)
	}
	return v
}

func (v Value) at(key string) Value {
	if v.node == nil || v.node.Kind != yaml.MappingNode {
		return Value{}
	}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		if v.node.Content[i].Value == key {
			return Value{v.node.Content[i+1], v.failed}
		}
	}
	return Value{}
}

// List returns the elements of a list, or nothing if the value is not a list.
func (v Value) List() []Value {
	if v.node == nil || v.node.Kind != yaml.SequenceNode {
		return nil
	}
	var all []Value
	for _, element := range v.node.Content {
		all = append(all, Value{element, v.failed})
	}
	return all
}

// Line returns the value's line in the template, or 0 for the zero Value.
func (v Value) Line() int {
	if v.node == nil {
		return 0
	}
	return v.node.Line
}
