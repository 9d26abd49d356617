package gateway

import (
	"slices"
	"strings"
)

// Fields are headers, cookies or query strings as CloudFront writes them.
type Fields map[string]Field

// Field is the value of a name, or its values.
type Field struct {
	Value      string  `json:"value"`
	MultiValue []Field `json:"multiValue,omitempty"` // all values, if there are several
}

func fieldsOf(all map[string][]string) Fields {
	f := Fields{}
	for name, values := range all {
		f[name] = fieldOf(values)
	}
	return f
}

func fieldOf(values []string) Field {
	f := Field{Value: values[0]}
	if len(values) > 1 {
		for _, value := range values {
			f.MultiValue = append(f.MultiValue, Field{Value: value})
		}
	}
	return f
}

// joined returns the fields as the gateway writes them: names in lower case, the values of a name in one
// line.
func (f Fields) joined() map[string]string {
	all := make(map[string]string, len(f))
	for name, one := range f {
		values := []string{one.Value}
		if len(one.MultiValue) > 0 {
			values = values[:0]
			for _, value := range one.MultiValue {
				values = append(values, value.Value)
			}
		}
		all[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return all
}

// hopByHop are the headers about a connection, not about a request or a response.
var hopByHop = []string{"connection", "content-length", "expect", "keep-alive", "proxy-authenticate",
	"proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}

func isHopByHop(name string) bool {
	return slices.Contains(hopByHop, strings.ToLower(name))
}
