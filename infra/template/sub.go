package template

import (
	"errors"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// placeholder is ${Name}, ${Name.Attribute} or, for a literal ${Name}, ${!Name}.
var placeholder = regexp.MustCompile(`\$\{([^}]*)\}`)

// sub fills in !Sub "text" and !Sub ["text", {Name: value}].
func (s *scope) sub(argument *yaml.Node) (string, error) {
	text, local := argument.Value, map[string]string{}
	if argument.Kind == yaml.SequenceNode {
		if len(argument.Content) != 2 {
			return "", errors.New("a list of Sub has a text and a map")
		}
		text = argument.Content[0].Value
		if err := s.decode(argument.Content[1], &local); err != nil {
			return "", err
		}
	}
	var failed error
	filled := placeholder.ReplaceAllStringFunc(text, func(hole string) string {
		value, err := s.fill(hole[2:len(hole)-1], local)
		if err != nil && failed == nil {
			failed = err
		}
		return value
	})
	return filled, failed
}

func (s *scope) fill(name string, local map[string]string) (string, error) {
	if literal, ok := strings.CutPrefix(name, "!"); ok {
		return "${" + literal + "}", nil
	}
	if value, ok := local[name]; ok {
		return value, nil
	}
	if strings.Contains(name, ".") {
		return s.getAtt(name)
	}
	return s.ref(name)
}
