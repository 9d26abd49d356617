package resolve

import (
	"fmt"
	"maps"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// references resolves texts that name parameters and resources.
type references struct {
	names  Names
	values map[string]string   // of the parameters
	made   map[string]Resource // those that are made, not resolved
}

// placeholder is ${Name} or ${Name.Attribute}.
var placeholder = regexp.MustCompile(`\$\{([^}]*)\}`)

// text returns a scalar's text, with its reference resolved.
func (s references) text(node *yaml.Node) (text string, err error) {
	resolve, known := map[string]func(string) (string, error){"Ref": s.ref, "GetAtt": s.getAtt, "Sub": s.sub, "": verbatim}[tagged(node)]
	switch {
	case !known:
		err = fmt.Errorf("%s is not supported: use !Ref, !GetAtt, !Sub or !If", node.Tag)
	case node.Kind != yaml.ScalarNode:
		err = fmt.Errorf("%s of a list or a map is not supported: write a text", node.Tag)
	default:
		text, err = resolve(node.Value)
	}
	if err != nil {
		return "", fmt.Errorf("line %d: %w", node.Line, err)
	}
	return text, nil
}

func verbatim(text string) (string, error) { return text, nil }

func (s references) ref(name string) (string, error) {
	if value, ok := s.names.Pseudo[name]; ok {
		return value, nil
	}
	if value, ok := s.values[name]; ok {
		return value, nil
	}
	r, ok := s.made[name]
	if !ok {
		return "", fmt.Errorf("%q is not known: it must be a parameter with a value, or a resource", name)
	}
	physical, err := s.name(r)
	if err == nil && s.names.Ref != nil {
		return s.names.Ref(r.Type, physical), nil
	}
	return physical, err
}

func (s references) getAtt(path string) (string, error) {
	id, attribute, _ := strings.Cut(path, ".")
	r, ok := s.made[id]
	if !ok {
		return "", fmt.Errorf("%q is not known: it must be a resource", id)
	}
	name, err := s.name(r)
	if err != nil {
		return "", err
	}
	if s.names.GetAtt != nil {
		if value, ok := s.names.GetAtt(r.Type, name, attribute); ok {
			return value, nil
		}
	}
	return "", fmt.Errorf("the attribute %s of %s (%s) is not known here", attribute, id, r.Type)
}

// sub fills in the placeholders of a text.
func (s references) sub(text string) (string, error) {
	var failed error
	filled := placeholder.ReplaceAllStringFunc(text, func(hole string) string {
		resolve, name := s.ref, hole[2:len(hole)-1]
		if strings.Contains(name, ".") {
			resolve = s.getAtt
		}
		value, err := resolve(name)
		if err != nil && failed == nil {
			failed = err
		}
		return value
	})
	return filled, failed
}

// name returns a resource's physical name.
func (s references) name(r Resource) (string, error) {
	if property := r.Properties.At(s.names.Properties[r.Type]); property.node != nil {
		others := s
		others.made = maps.Clone(s.made)
		delete(others.made, r.ID) // a name cannot be made of itself
		return others.text(property.node)
	}
	if s.names.Name != nil {
		return s.names.Name(r.Type, r.ID), nil
	}
	return r.ID, nil
}
