package main

import (
	"path/filepath"
	"slices"
	"strings"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/template"
)

// actor is who has a role of the template: a function, or a service of AWS.
type actor struct {
	name       string // such as get-secret, or DeploymentRole
	acts       bool   // it is a function
	role       string // its ARN
	statements []template.Statement
}

// world is the template, as far as roles and keys go, with an event bus: so all of its statements are there.
type world struct {
	actors []actor
	keys   []template.Key
}

const bus = "arn:aws:events:" + template.Region + ":" + template.Account + ":event-bus/keepsake"

func readWorld(root string) (world, error) {
	t, err := template.Read(filepath.Join(root, "template.yaml"), template.With("EventBus", bus))
	if err != nil {
		return world{}, err
	}
	w := world{keys: t.Keys}
	for _, role := range t.Roles {
		a := actor{role.LogicalID, false, role.ARN, role.Statements}
		for _, f := range t.Functions {
			if f.Role == role.ARN {
				a.name, a.acts = f.Name, true
			}
		}
		w.actors = append(w.actors, a)
	}
	return w, nil
}

// actions lists the actions that statements of the template name, and some that no role should have.
func (w world) actions() []string {
	all := []string{
		"dynamodb:BatchGetItem", "dynamodb:DeleteTable", "dynamodb:PartiQLSelect", "dynamodb:Scan",
		"kms:CreateGrant", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:VerifyMac",
		"lambda:UpdateFunctionCode", "logs:GetLogEvents", "sqs:ReceiveMessage",
	}
	for _, s := range w.statements() {
		all = append(all, s.Actions...)
	}
	return unique(all)
}

// resources lists the resources that statements of the template name.
func (w world) resources() []string {
	var all []string
	for _, s := range w.statements() {
		for _, resource := range s.Resources {
			all = append(all, concrete(s.Actions[0], resource))
		}
	}
	return unique(all)
}

func (w world) statements() []template.Statement {
	var all []template.Statement
	for _, a := range w.actors {
		all = append(all, a.statements...)
	}
	return all
}

func unique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

// concrete returns a resource that a pattern is about.
func concrete(action, pattern string) string {
	switch {
	case action == "cloudwatch:DescribeAlarms" && pattern == "*":
		return "arn:aws:cloudwatch:" + template.Region + ":" + template.Account + ":alarm:one"
	case strings.HasPrefix(action, "logs:"):
		return strings.TrimSuffix(pattern, "*") + "log-stream:one"
	}
	return strings.ReplaceAll(pattern, "*", "one")
}

// asked returns what a statement of an actor's role is there for.
func (w world) asked(a actor, s template.Statement) (all []iam.Question) {
	for _, action := range s.Actions {
		for _, resource := range s.Resources {
			q := iam.Question{Function: a.name, Role: a.role, Statements: a.statements, Action: action, Context: demanded(s)}
			all = append(all, with(q, concrete(action, resource), w.keys))
		}
	}
	return all
}

// principalARN is the condition key of the role that acts.
const principalARN = "aws:principalarn"

// demanded returns a context that fulfils a statement's conditions. The role is not a part of it.
func demanded(s template.Statement) map[string]string {
	context := map[string]string{}
	for _, keys := range s.Condition {
		for name, want := range keys {
			if name = strings.ToLower(name); name != principalARN {
				context[name] = values(want)[0]
			}
		}
	}
	return context
}

// values returns a condition's texts: one or many.
func values(written any) []string {
	var all []string
	switch written := written.(type) {
	case string:
		all = []string{written}
	case []any:
		for _, each := range written {
			all = append(all, values(each)...)
		}
	}
	return all
}

// administer returns what a statement of a key's own policy is there for, asked by those whom its conditions name, or
// by an administrator. Their roles allow it.
func (w world) administer(k template.Key, s template.Statement) (all []iam.Question) {
	who := []string{template.RoleARN("Administrator")}
	for _, keys := range s.Condition {
		for name, want := range keys {
			if strings.EqualFold(name, principalARN) {
				who = values(want)
			}
		}
	}
	for _, role := range who {
		for _, action := range s.Actions {
			may := template.Statement{Sid: "All", Effect: "Allow", Actions: []string{action}, Resources: []string{k.ARN}}
			all = append(all, iam.Question{
				Function: "someone", Role: role, Statements: []template.Statement{may}, Key: k.Statements,
				Action: action, Resource: k.ARN, Context: demanded(s),
			})
		}
	}
	return all
}
