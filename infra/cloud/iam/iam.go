// Package iam decides on the laptop what IAM decides on AWS: whether the role of the function that
// makes a call allows it and, where a key is used, whether the key's own policy does too. A policy in
// the template that is too narrow fails here, before it fails there. Of each call it can tell by which
// right it was allowed, so that a test finds the rights that nobody makes use of.
package iam

import (
	"fmt"
	"net/http"
	"slices"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

// Account is what calls are judged by: the roles of functions and the policies of keys.
type Account struct {
	functions map[string]template.Function // by the access key that each signs with
	keys      map[string]template.Key      // by their ARNs
}

// NewAccount is the account that a template makes.
func NewAccount(t *template.Template) *Account {
	a := &Account{functions: map[string]template.Function{}, keys: map[string]template.Key{}}
	for _, f := range t.Functions {
		a.functions[lambda.AccessKey(f.Name)] = f
	}
	for _, key := range t.Keys {
		a.keys[key.ARN] = key
	}
	return a
}

// Knows reports whether an access key is a function's.
func (a *Account) Knows(accessKey string) bool {
	_, known := a.functions[accessKey]
	return known
}

// Guard passes the calls that their function may make, and refuses all others, as AWS does.
func (a *Account) Guard(call wire.Call) wire.Verdict {
	_, verdict := a.Judge(call)
	return verdict
}

// Judge is Guard; of a call that passes it also tells the rights that allow it.
func (a *Account) Judge(call wire.Call) ([]Right, wire.Verdict) {
	f, known := a.functions[call.AccessKey]
	if !known {
		return nil, wire.Refuse(http.StatusBadRequest, "UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	needed, err := requests(call, f)
	if err != nil {
		return nil, wire.Refuse(http.StatusBadRequest, "SerializationException", err.Error())
	}
	var used []Right
	for _, r := range needed {
		if why := a.refusal(f, r); why != "" {
			return nil, wire.Refuse(http.StatusBadRequest, "AccessDeniedException", fmt.Sprintf(
				"User: %s is not authorized to perform: %s on resource: %s %s", r.session, r.action, r.resource, why))
		}
		used = append(used, r.right(f))
	}
	return used, wire.Pass()
}

// May reports whether a function's role allows an action on a resource, where no call is to be judged
// but what Lambda does in the function's name.
func (a *Account) May(f template.Function, action, resource string) bool {
	return a.refusal(f, request{action: action, resource: resource}.by(f)) == ""
}

// refusal says in AWS's words why r is refused; it is empty if r is not. On AWS a key's policy that
// names a role allows what the role itself does not mention. Here both must allow it, so that a role
// shows all that its function may do.
func (a *Account) refusal(f template.Function, r request) string {
	own, ofKey := f.Statements, a.keys[r.resource].Statements
	switch {
	case slices.ContainsFunc(own, r.isDeniedBy):
		return "with an explicit deny in an identity-based policy"
	case r.usesKey() && slices.ContainsFunc(ofKey, r.isDeniedBy):
		return "with an explicit deny in a resource-based policy"
	case !slices.ContainsFunc(own, r.isAllowedBy):
		return fmt.Sprintf("because no identity-based policy allows the %s action", r.action)
	case r.usesKey() && !slices.ContainsFunc(ofKey, r.isAllowedBy):
		return fmt.Sprintf("because no resource-based policy allows the %s action", r.action)
	}
	return ""
}
