package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The bounds of labels, in entries and characters.
const (
	maxLabels = 200
	maxLabel  = 200
)

// Labels takes an optional map of strings to strings.
func (b *Body) Labels(name string) map[string]string {
	raw, ok := b.raw(name)
	if !ok {
		return nil
	}
	var labels map[string]*string
	if json.Unmarshal(raw, &labels) != nil {
		b.invalid(name, "must be an object of strings")
		return nil
	}
	if len(labels) > maxLabels {
		b.invalid(name, fmt.Sprintf("must have at most %d entries", maxLabels))
	}
	out := make(map[string]string, len(labels))
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if labels[key] == nil {
			b.call.invalid("must be a string", "body", name, key)
			continue
		}
		b.call.length(key, 1, maxLabel, "body", name, key)
		b.call.length(*labels[key], 0, maxLabel, "body", name, key)
		if strings.ContainsRune(key+*labels[key], 0) {
			b.call.invalid(noNUL, "body", name, key)
		}
		out[key] = *labels[key]
	}
	return out
}
