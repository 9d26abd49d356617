package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"keepsake/infra/cli/service"
)

// JSON reads an object whose fields are names and values, as keepsake export json and chamber export write it.
// Numbers, true and false are taken as they stand there. What else a field holds is skipped.
func JSON(text []byte, source, prefix string) (Items, error) {
	fields, err := fieldsOf(text)
	if err != nil {
		return nil, err
	}
	var items []Item
	var skipped []*Skipped
	seen := map[string]bool{}
	for _, f := range fields {
		value, ok := scalar(f.value)
		switch {
		case seen[f.name]:
			skipped = append(skipped, skip(prefix+f.name, "the file has it twice; the first one counts"))
			continue
		case !ok:
			skipped = append(skipped, skip(prefix+f.name, "it is not a text, but an object, a list or null"))
			continue
		}
		seen[f.name] = true
		items = append(items, Item{Name: prefix + f.name, Source: source + " " + f.name, Versions: []Version{{Value: value}}})
	}
	return all(items, skipped), nil
}

type field struct {
	name  string
	value json.RawMessage
}

var errNoObject = service.Fail(service.Failed, `the file is not a JSON object of names and values, such as {"db-password":"…"}`)

// fieldsOf returns an object's fields in their order. Its errors contain nothing of the text.
func fieldsOf(text []byte) ([]field, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, errNoObject
	}
	var fields []field
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, errNoObject
		}
		f := field{name: name.(string)}
		if decoder.Decode(&f.value) != nil {
			return nil, errNoObject
		}
		fields = append(fields, f)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errNoObject
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNoObject
	}
	return fields, nil
}

// scalar returns a text, a number or a truth value as text.
func scalar(raw json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil && len(raw) > 0 && raw[0] == '"' {
		return text, true
	}
	return string(raw), len(raw) > 0 && strings.IndexByte("{[n", raw[0]) < 0
}

// object returns the fields of a JSON object as text. It returns nil if the text is not an object with fields.
func object(text string) map[string]string {
	fields, err := fieldsOf([]byte(text))
	if err != nil || len(fields) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, f := range fields {
		value, ok := scalar(f.value)
		if !ok {
			value = string(f.value)
		}
		out[f.name] = value
	}
	return out
}
