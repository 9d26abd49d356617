package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// pattern is an event filter: what the JSON of a record must look like. Of the operators that AWS
// documents it knows those that take no parsing of values: exact values, prefix, anything-but, exists.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html
type pattern struct {
	fields map[string]pattern // all of which must fit; nil on a leaf
	values []matcher          // one of which must fit
}

// matcher judges a field's value; a field that is not there has none.
type matcher func(value any, there bool) bool

func parsePattern(text string) (pattern, error) {
	var written map[string]any
	if err := json.Unmarshal([]byte(text), &written); err != nil {
		return pattern{}, fmt.Errorf("the filter %s is not a JSON object: %w", text, err)
	}
	p, err := readFields(written)
	if err != nil {
		return pattern{}, fmt.Errorf("the filter %s: %w", text, err)
	}
	return p, nil
}

func readFields(written map[string]any) (pattern, error) {
	if len(written) == 0 {
		return pattern{}, errors.New("an object in it is empty")
	}
	p := pattern{fields: map[string]pattern{}}
	for _, name := range slices.Sorted(maps.Keys(written)) {
		var err error
		switch inner := written[name].(type) {
		case map[string]any:
			p.fields[name], err = readFields(inner)
		case []any:
			p.fields[name], err = readValues(inner)
		default:
			err = errors.New("a value stands in a list")
		}
		switch {
		case strings.HasPrefix(name, "$"):
			return p, fmt.Errorf("the laptop cloud does not know %s", name)
		case err != nil:
			return p, fmt.Errorf("%s: %w", name, err)
		}
	}
	return p, nil
}

func readValues(written []any) (pattern, error) {
	if len(written) == 0 {
		return pattern{}, errors.New("the list is empty")
	}
	var p pattern
	for _, value := range written {
		m, err := readMatcher(value)
		if err != nil {
			return p, err
		}
		p.values = append(p.values, m)
	}
	return p, nil
}

func readMatcher(written any) (matcher, error) {
	switch value := written.(type) {
	case []any:
		return nil, errors.New("a list in a list")
	case map[string]any:
		if len(value) != 1 {
			return nil, errors.New("an operator stands alone in its object")
		}
		for operator, operand := range value {
			return readOperator(operator, operand)
		}
	}
	return each(func(value any) bool { return value == written }), nil
}

func readOperator(operator string, operand any) (matcher, error) {
	switch operand := operand.(type) {
	case string:
		if operator == "prefix" {
			return each(func(value any) bool {
				text, is := value.(string)
				return is && strings.HasPrefix(text, operand)
			}), nil
		}
	case bool:
		if operator == "exists" {
			return func(value any, there bool) bool {
				_, branches := value.(map[string]any) // AWS looks for leaves only
				return (there && !branches) == operand
			}, nil
		}
	}
	if operator == "anything-but" {
		return anythingBut(operand)
	}
	return nil, fmt.Errorf("the laptop cloud does not know %s of %v", operator, operand)
}

func anythingBut(operand any) (matcher, error) {
	unwanted, isList := operand.([]any)
	if !isList {
		unwanted = []any{operand}
	}
	for _, value := range unwanted {
		switch value.(type) {
		case string, float64:
		default:
			return nil, fmt.Errorf("the laptop cloud does not know anything-but of %v", operand)
		}
	}
	if len(unwanted) == 0 {
		return nil, errors.New("anything-but of nothing")
	}
	return each(func(value any) bool {
		_, branches := value.(map[string]any)
		return !branches && !slices.Contains(unwanted, value)
	}), nil
}

// each judges a value, or each in a list of them, where one that fits is enough. A field that is not
// there does not fit.
func each(fits func(any) bool) matcher {
	return func(value any, there bool) bool {
		if list, isList := value.([]any); isList {
			return slices.ContainsFunc(list, fits)
		}
		return there && fits(value)
	}
}

// takes reports whether a value fits.
func (p pattern) takes(value any, there bool) bool {
	if p.fields == nil {
		return slices.ContainsFunc(p.values, func(m matcher) bool { return m(value, there) })
	}
	object, _ := value.(map[string]any)
	for name, field := range p.fields {
		if inner, has := object[name]; !field.takes(inner, has) {
			return false
		}
	}
	return true
}
