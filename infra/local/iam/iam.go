// Package iam decides on the laptop what IAM decides on AWS: whether the role of the function that
// makes a call allows it. A policy in the template that is too narrow fails here, before it fails
// there. It knows what Keepsake's policies use: actions and resources by name, and StringEquals on
// a key's encryption context.
package iam

import (
	"fmt"
	"net/http"
	"slices"

	"keepsake/infra/local/template"
	"keepsake/infra/local/wire"
)

// Guard passes the calls that the statements of their function allow, and refuses all others, as
// AWS does. functions are by the access key that each signs with.
func Guard(functions map[string]template.Function) wire.Hook {
	return func(call wire.Call) wire.Verdict {
		f, known := functions[call.AccessKey]
		if !known {
			return wire.Refuse(http.StatusBadRequest, "UnrecognizedClientException", "The security token included in the request is invalid.")
		}
		needed, err := requests(call)
		if err != nil {
			return wire.Refuse(http.StatusBadRequest, "SerializationException", err.Error())
		}
		for _, r := range needed {
			if !allowed(f.Statements, r) {
				return wire.Refuse(http.StatusBadRequest, "AccessDeniedException", fmt.Sprintf(
					"%s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %[2]s action",
					f.ARN(), r.action, r.resource))
			}
		}
		return wire.Pass()
	}
}

// allowed reports whether some statement allows r and none denies it.
func allowed(statements []template.Statement, r request) bool {
	ok := false
	for _, s := range statements {
		if !slices.Contains(s.Actions, r.action) || !slices.Contains(s.Resources, r.resource) || !holds(s.Condition, r) {
			continue
		}
		if s.Effect != "Allow" {
			return false
		}
		ok = true
	}
	return ok
}

// holds reports whether r fulfils a statement's conditions. One that the laptop does not know is
// not fulfilled: what it would protect stays closed.
func holds(condition map[string]map[string]any, r request) bool {
	for operator, keys := range condition {
		for key, want := range keys {
			if operator != "StringEquals" || r.context[key] != want {
				return false
			}
		}
	}
	return true
}
