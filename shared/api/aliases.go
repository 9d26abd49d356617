package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"keepsake/shared/secret"
)

// maxAliases is how many aliases a secret may have.
const maxAliases = 50

// isAlias reports whether text can be an alias: an access names it in its path.
func isAlias(text string) bool {
	return secret.IsPlain(text, 128, "._-") && strings.IndexByte("._-", text[0]) < 0
}

// Aliases takes an optional map of aliases to version numbers. An alias that looks like a version's id
// is refused, since no access would ever reach it.
func (b *Body) Aliases(name string) map[string]int {
	raw, ok := b.raw(name)
	if !ok {
		return nil
	}
	var numbers map[string]json.RawMessage
	if json.Unmarshal(raw, &numbers) != nil {
		b.invalid(name, "must be an object of version numbers")
		return nil
	}
	if len(numbers) > maxAliases {
		b.invalid(name, "must have at most 50 entries")
	}
	out := make(map[string]int, len(numbers))
	for _, alias := range slices.Sorted(maps.Keys(numbers)) {
		var number int
		switch err := json.Unmarshal(numbers[alias], &number); {
		case alias == secret.Latest || !isAlias(alias) || secret.IsVersionID(alias):
			b.in.invalid("is not a legal alias: letters, digits, dots, hyphens and underscores, but neither latest nor a version's id", "body", name, alias)
		case err != nil || number < 1:
			b.in.invalid("must be a version number", "body", name, alias)
		}
		out[alias] = number
	}
	return out
}
