package api

import (
	"net/url"
	"strings"
)

// query returns a parameter of the query; false if it is absent. A parameter that cannot be read, or comes
// twice, is noted as a fault and counts as absent: else the request would do something other than the
// client meant, without a word. Parameters that the operation does not read are ignored: proxies and
// clients add some.
//
// It prefers the raw query, because the gateway drops what it cannot decode and joins what comes twice.
func (in *input) query(name string) (string, bool) {
	var found []string
	for pair := range strings.SplitSeq(in.call.event.RawQueryString, "&") {
		rawName, rawText, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(rawName); err != nil || decoded != name {
			continue
		}
		text, err := url.QueryUnescape(rawText)
		if err != nil {
			in.invalid("cannot be read: a % must be followed by two hexadecimal digits", "query", name)
			return "", false
		}
		found = append(found, text)
	}
	switch len(found) {
	case 0:
		text, ok := in.call.event.QueryStringParameters[name]
		return text, ok
	case 1:
		return found[0], true
	}
	in.invalid("must be there once", "query", name)
	return "", false
}

// list joins words with commas.
func list[T ~string](words []T) string {
	var out strings.Builder
	for i, word := range words {
		if i > 0 {
			out.WriteString(", ")
		}
		out.WriteString(string(word))
	}
	return out.String()
}
