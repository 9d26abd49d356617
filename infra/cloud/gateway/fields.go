package gateway

import (
	"slices"
	"strings"
)

// fields is CloudFront's form of headers, cookies and query strings.
type fields map[string]field

type field struct {
	Value      string  `json:"value"`
	MultiValue []field `json:"multiValue,omitempty"` // all values, only where there are several
}

func fieldsOf(all map[string][]string) fields {
	f := fields{}
	for name, values := range all {
		f[name] = fieldOf(values)
	}
	return f
}

func fieldOf(values []string) field {
	f := field{Value: values[0]}
	if len(values) > 1 {
		for _, value := range values {
			f.MultiValue = append(f.MultiValue, field{Value: value})
		}
	}
	return f
}

// joined is the gateway's form: lower-case names, the values of one name in one line.
func (f fields) joined() map[string]string {
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

// hopByHop are the headers that speak of a connection, not of a request or an answer.
var hopByHop = []string{"connection", "content-length", "expect", "keep-alive", "proxy-authenticate",
	"proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}

func isHopByHop(name string) bool {
	return slices.Contains(hopByHop, strings.ToLower(name))
}
