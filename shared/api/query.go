package api

import (
	"net/url"
	"strings"
)

// query is a parameter of the query; false if it is not there. One that cannot be read, or that is there
// twice, is noted as a fault and counts as not there: what the client meant would not be done, without a
// word. Parameters that the operation does not read are passed over: proxies and clients add some.
//
// The gateway's own reading comes second. It drops what it cannot decode, and joins what is there twice.
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

// list names what there is to choose from.
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
