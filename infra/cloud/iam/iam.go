// Package iam decides on the laptop what IAM decides on AWS: whether the role of the calling function
// allows a call and, if the call uses a key, whether the key's own policy does too. A policy that is too
// narrow fails here before it fails there. For each call that passes, it returns the rights that allowed
// it, so that a test can find rights that no function uses.
package iam

import (
	"fmt"
	"net/http"
	"slices"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

// Policies are what calls are checked against: the roles of functions and the policies of keys.
type Policies struct {
	functions map[string]template.Function // by the access key that each signs with
	keys      map[string]template.Key      // by ARN
}

// New returns the policies of a template. It refuses a statement that it could not judge as AWS does.
func New(t *template.Template) (*Policies, error) {
	p := &Policies{functions: map[string]template.Function{}, keys: map[string]template.Key{}}
	for _, f := range t.Functions {
		for _, s := range f.Statements {
			if err := checkRole(s); err != nil {
				return nil, fmt.Errorf("the role of %s, statement %q: %w", f.Name, s.Sid, err)
			}
		}
		p.functions[lambda.AccessKey(f.Name)] = f
	}
	for _, key := range t.Keys {
		for _, s := range key.Statements {
			if err := checkKey(s); err != nil {
				return nil, fmt.Errorf("the policy of %s, statement %q: %w", key.LogicalID, s.Sid, err)
			}
		}
		p.keys[key.ARN] = key
	}
	return p, nil
}

// Knows reports whether an access key is a function's.
func (p *Policies) Knows(accessKey string) bool {
	_, known := p.functions[accessKey]
	return known
}

// Guard passes the calls that their function may make and refuses all others, as AWS does.
func (p *Policies) Guard(call wire.Call) wire.Verdict {
	_, verdict := p.Judge(call)
	return verdict
}

// Judge decides like Guard. If the call passes, it also returns the rights that allow it.
func (p *Policies) Judge(call wire.Call) ([]Right, wire.Verdict) {
	f, known := p.functions[call.AccessKey]
	if !known {
		return nil, wire.Refuse(http.StatusBadRequest, "UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	needed, err := requests(call, f)
	if err != nil {
		return nil, wire.Refuse(http.StatusBadRequest, "SerializationException", err.Error())
	}
	var used []Right
	for _, r := range needed {
		if why := p.refusal(f, r); why != "" {
			return nil, wire.Refuse(http.StatusBadRequest, "AccessDeniedException", fmt.Sprintf(
				"User: %s is not authorized to perform: %s on resource: %s %s", r.session, r.action, r.resource, why))
		}
		used = append(used, r.right(f))
	}
	return used, wire.Pass()
}

// May reports whether a function's role allows an action on a resource. It is for what Lambda does in
// the function's name: there is no call to judge.
func (p *Policies) May(f template.Function, action, resource string) bool {
	return p.refusal(f, request{action: action, resource: resource}.by(f)) == ""
}

// refusal returns AWS's reason for refusing r, or "" if r is allowed. On AWS a key's policy that names a
// role allows more than the role itself says. Here both must allow it, so that a role shows all that its
// function may do. What belongs to another account has a policy there, which we do not know.
func (p *Policies) refusal(f template.Function, r request) (why string) {
	defer func() { p.note(f, r, why == "") }()
	switch {
	case !slices.ContainsFunc(f.Statements, r.isAllowedBy):
		return fmt.Sprintf("because no identity-based policy allows the %s action", r.action)
	case !r.isOurs(), r.usesKey() && !slices.ContainsFunc(p.keys[r.resource].Statements, r.isAllowedBy):
		return fmt.Sprintf("because no resource-based policy allows the %s action", r.action)
	}
	return ""
}
