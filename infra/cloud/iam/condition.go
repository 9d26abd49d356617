package iam

import (
	"fmt"
	"slices"
	"strings"
)

// answer is how a request meets a condition.
type answer int

const (
	no answer = iota
	yes
	unknown // the laptop does not know the operator or the key
)

// fulfils asks for all of a statement's conditions.
func (r request) fulfils(condition map[string]map[string]any) answer {
	all := yes
	for operator, keys := range condition {
		for key, want := range keys {
			switch r.meets(operator, key, texts(want)) {
			case no:
				return no
			case unknown:
				all = unknown
			}
		}
	}
	return all
}

// meets asks for one condition; of several values one is enough.
func (r request) meets(operator, key string, want []string) answer {
	is, known := operators[operator]
	key = strings.ToLower(key) // AWS does not tell the spellings of a key apart
	value, present := r.context[key]
	switch {
	case !present && !strings.HasPrefix(key, encryptionContext):
		return unknown // it may well be there on AWS
	case operator == "Null":
		return answerOf(slices.Contains(want, fmt.Sprint(!present)))
	case !known:
		return unknown
	}
	return answerOf(present && slices.ContainsFunc(want, func(w string) bool { return is(w, value) }))
}

// operators compare a condition's value with the request's. ArnEquals takes wildcards, as ArnLike does.
var operators = map[string]func(want, have string) bool{
	"StringEquals": func(want, have string) bool { return want == have },
	"StringLike":   like,
	"ArnEquals":    arnLike,
	"ArnLike":      arnLike,
}

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// texts are a condition's values, which may be one or many, and true as well as "true".
func texts(written any) []string {
	list, many := written.([]any)
	if !many {
		list = []any{written}
	}
	out := make([]string, len(list))
	for i, value := range list {
		out[i] = fmt.Sprint(value)
	}
	return out
}
