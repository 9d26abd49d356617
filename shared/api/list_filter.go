package api

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"keepsake/shared/store"
)

// Names takes the two parameters of a list by name, of which at most one may be there.
func (in *input) Names() (name, prefix string) {
	const exact, begin = "name", "name_prefix"
	name, one := in.word(exact)
	prefix, other := in.word(begin)
	if one && other {
		in.invalid("must not be there with "+exact+": send one of them", "query", begin)
	}
	return name, prefix
}

// word takes a query parameter of 1 to maxName characters; false if it is absent.
func (in *input) word(name string) (string, bool) {
	text, ok := in.query(name)
	if ok {
		in.length(text, 1, maxName, "query", name)
		in.plain(text, "query", name)
	}
	return text, ok
}

// Label takes the parameter of a list by label: a key, a colon and a value. The first colon ends the key.
func (in *input) Label() *store.Label {
	const name = "label"
	text, ok := in.query(name)
	if !ok {
		return nil
	}
	key, value, ok := strings.Cut(text, ":")
	if !ok {
		in.invalid("must be a label's name and its value with a colon between them, such as team:payments", "query", name)
		return nil
	}
	if n := utf8.RuneCountInString(key); n < 1 || n > maxLabel || utf8.RuneCountInString(value) > maxLabel {
		in.invalid(fmt.Sprintf("must have 1 to %d characters before the first colon, and at most %d behind it", maxLabel, maxLabel), "query", name)
	}
	in.plain(text, "query", name)
	return &store.Label{Key: key, Value: value}
}

// plain notes a fault if text cannot be in a name or a label.
func (in *input) plain(text string, path ...string) {
	switch {
	case !utf8.ValidString(text):
		in.invalid("must be UTF-8", path...)
	case strings.ContainsRune(text, 0):
		in.invalid(noNUL, path...)
	}
}

// filterOf is what a cursor says of a list's names and label; empty if it is of all. Quoted, no two filters
// look alike.
func filterOf(l store.ListSecrets) string {
	if l.Name == "" && l.NamePrefix == "" && l.Label == nil {
		return ""
	}
	var label store.Label
	if l.Label != nil {
		label = *l.Label
	}
	return fmt.Sprintf("\n%q %q %q", l.Name, l.NamePrefix, label)
}
