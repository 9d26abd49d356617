package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// pattern is an event filter: what the JSON of a record must look like. Of what AWS documents it knows
// what the template needs: texts, and beginnings of texts.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html
type pattern struct {
	fields   map[string]pattern // all must fit; nil on a leaf
	texts    []string           // the leaf's value is one of these,
	prefixes []string           // or begins with one of these
}

// sets are the types of DynamoDB's JSON whose values are lists. AWS looks into a list; pattern does not.
var sets = []string{"SS", "NS", "BS", "L"}

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
		return pattern{}, errors.New("an object in it is empty: name a field")
	}
	p := pattern{fields: map[string]pattern{}}
	for _, name := range slices.Sorted(maps.Keys(written)) {
		inner, isObject := written[name].(map[string]any)
		list, isList := written[name].([]any)
		var err error
		switch {
		case strings.HasPrefix(name, "$"), isList && slices.Contains(sets, name):
			return p, fmt.Errorf("the laptop cloud does not support %s in a filter: use texts and prefixes", name)
		case isObject:
			p.fields[name], err = readFields(inner)
		case isList:
			p.fields[name], err = readTexts(list)
		default:
			err = errors.New("a value must be in a list")
		}
		if err != nil {
			return p, fmt.Errorf("%s: %w", name, err)
		}
	}
	return p, nil
}

func readTexts(written []any) (p pattern, err error) {
	if len(written) == 0 {
		return p, errors.New("the list is empty: name a value")
	}
	for _, value := range written {
		text, isText := value.(string)
		operator, _ := value.(map[string]any)
		prefix, isPrefix := operator["prefix"].(string)
		switch {
		case isText:
			p.texts = append(p.texts, text)
		case isPrefix && len(operator) == 1:
			p.prefixes = append(p.prefixes, prefix)
		default:
			spelled, _ := json.Marshal(value) // it was JSON
			return p, fmt.Errorf("the laptop cloud does not support %s in a filter: use texts and prefixes", spelled)
		}
	}
	return p, nil
}

// takes reports whether a value fits. A field that is missing fits nothing.
func (p pattern) takes(value any) bool {
	if p.fields == nil {
		text, isText := value.(string)
		begins := func(prefix string) bool { return strings.HasPrefix(text, prefix) }
		return isText && (slices.Contains(p.texts, text) || slices.ContainsFunc(p.prefixes, begins))
	}
	object, _ := value.(map[string]any)
	for name, field := range p.fields {
		if !field.takes(object[name]) {
			return false
		}
	}
	return true
}
