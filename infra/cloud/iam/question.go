package iam

import (
	"maps"
	"slices"

	"keepsake/infra/template"
)

// Question is all that a decision depends on: what a role wants to do, and the policies that are asked.
type Question struct {
	Function   string               // that acts as the role
	Role       string               // its ARN
	Statements []template.Statement // all that the role may do
	Key        []template.Statement `json:",omitempty"` // the policy of the key that the resource is
	Action     string
	Resource   string
	Context    map[string]string `json:",omitempty"` // what conditions compare, by keys in lower case; the role's ARN is in Role
}

// Answer reports whether the policies allow what is asked. The error names a statement that cannot be judged
// as AWS does.
func (q Question) Answer() (allowed bool, err error) {
	f := template.Function{Name: q.Function, Role: q.Role, Statements: q.Statements}
	p, err := New(&template.Template{
		Functions: []template.Function{f}, Keys: []template.Key{{LogicalID: "the key", ARN: q.Resource, Statements: q.Key}},
	})
	if err != nil {
		return false, err
	}
	r := request{action: q.Action, resource: q.Resource}.by(f)
	maps.Copy(r.context, q.Context)
	return p.refusal(f, r) == "", nil
}

// Session returns the ARN of the one who asks, which is not the role's.
func (q Question) Session() string {
	return request{}.by(template.Function{Name: q.Function, Role: q.Role}).session
}

// question returns r as it can be asked again, elsewhere.
func (p *Policies) question(f template.Function, r request) Question {
	q := Question{Function: f.Name, Role: f.Role, Statements: f.Statements, Action: r.action, Resource: r.resource, Context: map[string]string{}}
	if r.usesKey() {
		q.Key = p.keys[r.resource].Statements
	}
	for key, value := range r.context {
		if key != principalARN {
			q.Context[key] = value
		}
	}
	return q
}

// another stands for a value that no condition names.
const another = "another"

// hidden returns q without values that may be a caller's: a value stays if a condition names it.
func (q Question) hidden() Question {
	context := map[string]string{}
	for key, value := range q.Context {
		if !q.names(value) {
			value = another
		}
		context[key] = value
	}
	q.Context = context
	return q
}

// names reports whether a condition names the value.
func (q Question) names(value string) bool {
	for _, s := range slices.Concat(q.Statements, q.Key) {
		for _, keys := range s.Condition {
			for _, want := range keys {
				if slices.Contains(texts(want), value) {
					return true
				}
			}
		}
	}
	return false
}
