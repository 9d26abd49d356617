package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"keepsake/shared/fault"
)

// The bounds of labels: entries, characters, and bytes of all names and values together. All writes of a
// workspace share one key of the index of lists, and each rewrites a secret's labels there.
const (
	maxLabels     = 200
	maxLabel      = 200
	maxLabelBytes = 16 << 10
)

// Labels takes an optional map of strings to strings.
func (b *Body) Labels(name string) map[string]string {
	raw, ok := b.raw(name)
	if !ok {
		return nil
	}
	var labels map[string]*string
	if json.Unmarshal(raw, &labels) != nil {
		b.notStrings(name, raw)
		return nil
	}
	if len(labels) > maxLabels {
		b.invalid(name, fmt.Sprintf("must have at most %d entries", maxLabels))
	}
	out, bytes := make(map[string]string, min(len(labels), maxLabels)), 0
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if labels[key] == nil {
			b.in.invalid("must be a string", "body", name, key)
			continue
		}
		b.in.length(key, 1, maxLabel, "body", name, key)
		b.in.length(*labels[key], 0, maxLabel, "body", name, key)
		if strings.ContainsRune(key+*labels[key], 0) {
			b.in.invalid(noNUL, "body", name, key)
		}
		out[key] = *labels[key]
		bytes += len(key) + len(*labels[key])
	}
	if bytes > maxLabelBytes {
		b.invalid(name, fmt.Sprintf("must have at most %d bytes in UTF-8, names and values together", maxLabelBytes))
	}
	return out
}

// notStrings notes that a field is not an object of strings, and names the first value that is not a
// string. The name is not in the message, which is logged: a client may have put a secret there by
// mistake.
func (b *Body) notStrings(name string, raw json.RawMessage) {
	fault := fault.NewInvalid("must be an object of strings", "body", name)
	var values map[string]json.RawMessage
	if json.Unmarshal(raw, &values) == nil {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if first := values[key][0]; first != '"' && first != 'n' {
				fault.Metadata = map[string]string{"key": shorten(key)}
				break
			}
		}
	}
	b.in.note(fault)
}
