package iam

import (
	"fmt"
	"slices"
	"strings"
)

// operators are those of a condition. Both compare texts: a wildcard in an ARN is refused.
var operators = []string{"StringEquals", "ArnEquals"}

// checkCondition refuses what request.fulfils could not judge as AWS does.
func checkCondition(condition map[string]map[string]any) error {
	for operator, keys := range condition {
		if !slices.Contains(operators, operator) {
			return fmt.Errorf("the operator %s is not supported: use StringEquals or ArnEquals", operator)
		}
		for key, want := range keys {
			if err := checkKeyAndValues(operator, key, texts(want)); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkKeyAndValues(operator, key string, want []string) error {
	name := strings.ToLower(key)
	switch isContext := strings.HasPrefix(name, encryptionContext); {
	case name != principalARN && !isContext:
		return fmt.Errorf("a condition on %s is not supported: use aws:PrincipalArn or kms:EncryptionContext:…", key)
	case operator == "ArnEquals" && isContext: // no text is equal to an ARN, and to itself neither
		return fmt.Errorf("ArnEquals on %s is not supported: use StringEquals", key)
	}
	for _, value := range want {
		if strings.Contains(value, "${") {
			return fmt.Errorf("the variable in %q is not supported: write the value out", value)
		}
		if operator == "ArnEquals" && strings.ContainsAny(value, "*?") {
			return fmt.Errorf("the wildcard in %q is not supported: write the ARNs out", value)
		}
	}
	return nil
}

// fulfils reports whether r meets all of a statement's conditions. One of several values is enough.
func (r request) fulfils(condition map[string]map[string]any) bool {
	for _, keys := range condition {
		for key, want := range keys {
			value, present := r.context[strings.ToLower(key)] // AWS ignores upper and lower case in a key
			if !present || !slices.Contains(texts(want), value) {
				return false
			}
		}
	}
	return true
}

// texts returns a condition's values: one or many, true as well as "true".
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
