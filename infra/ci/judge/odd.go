package main

import (
	"fmt"
	"strings"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/template"
)

// vary adds what differs in one thing from what is allowed.
func (w world) vary(t *trials) {
	done := map[string]bool{}
	for _, each := range t.all {
		if !each.allowed {
			continue
		}
		w.addNearMisses(t, each.asked)
		for of, policy := range map[string][]template.Statement{"role": each.asked.Statements, "key": each.asked.Key} {
			for _, s := range policy {
				if shape := of + shape(s, each.asked); allows(s, each.asked) && !done[shape] {
					done[shape] = true
					w.addOdd(t, of, each.asked, s)
				}
			}
		}
	}
}

// allows reports whether the statement is a reason why q is allowed: alone it is a role, or the policy of a key, that
// allows q.
func allows(s template.Statement, q iam.Question) bool {
	if s.Principals == nil {
		q.Statements = []template.Statement{s}
	} else {
		q.Key = []template.Statement{s}
	}
	allowed, err := q.Answer()
	return allowed && err == nil
}

// shape is the same for questions and statements whose odd variants are alike: one of each is enough.
func shape(s template.Statement, q iam.Question) string {
	service, _, _ := strings.Cut(q.Action, ":")
	return fmt.Sprint(service, strings.Count(q.Resource, "/"), len(s.Resources) > 1, len(s.Condition), len(q.Context), len(q.Key))
}

// addOdd adds statements that the template does not have: one of its own, of a role or a key, that differs in one
// thing. Our evaluator must judge such a statement as AWS does, or refuse to judge it. The statement s allows q.
func (w world) addOdd(t *trials, of string, q iam.Question, s template.Statement) {
	all := oddStatements(q, s)
	if of == "key" {
		addPrincipals(all, q, s)
	}
	for what, odd := range all {
		t.addUnlessRefused(of+": "+what, odd, w.callsLike(q), func(call *iam.Question) {
			switch {
			case of == "role":
				call.Statements = odd
			case call.Resource == q.Resource:
				call.Key = odd
			}
		})
	}
}

func addPrincipals(all map[string][]template.Statement, q iam.Question, s template.Statement) {
	for what, principals := range map[string]map[string][]string{
		"everybody": {"AWS": {"*"}}, "the role": {"AWS": {q.Role}}, "the account's number": {"AWS": {template.Account}},
		"another account": {"AWS": {"arn:aws:iam::111111111111:root"}}, "a service": {"Service": {"lambda.amazonaws.com"}}, "nobody": nil,
	} {
		s.Principals = principals
		all["for "+what] = []template.Statement{s}
	}
}

// callsLike returns the call and some that a statement should keep apart from it.
func (w world) callsLike(q iam.Question) []iam.Question {
	all := []iam.Question{q}
	for _, resource := range near(q.Resource)[:6] {
		all = append(all, with(q, resource, w.keys))
	}
	for _, context := range nearContexts(q) {
		other := q
		other.Context = context
		all = append(all, other)
	}
	other := q
	other.Role = template.RoleARN("another")
	return append(all, other)
}

// oddStatements returns policies that each differ in one thing from the statement.
func oddStatements(q iam.Question, s template.Statement) map[string][]template.Statement {
	all := map[string][]template.Statement{}
	vary := func(what string, change func(*template.Statement)) {
		odd := s
		change(&odd)
		all[what] = []template.Statement{odd}
	}
	deny := s
	deny.Effect, deny.Sid = "Deny", "No"
	all["Deny"] = []template.Statement{deny}
	all["Deny, then Allow"] = []template.Statement{deny, s}
	all["Allow, then Deny"] = []template.Statement{s, deny}
	for _, action := range oddActions(q.Action) {
		vary("the action "+action, func(s *template.Statement) { s.Actions = []string{action} })
	}
	for _, resource := range oddResources(q.Resource) {
		vary("the resource "+resource, func(s *template.Statement) { s.Resources = []string{resource} })
	}
	for _, c := range oddConditions(q) {
		vary("the condition "+key(c), func(s *template.Statement) { s.Condition = c })
	}
	return all
}

func oddActions(action string) []string {
	service, name, _ := strings.Cut(action, ":")
	return []string{
		"*", "*:*", service + ":*", service + ":" + name[:3] + "*", service + ":*" + name[3:], service + ":" + name[:1] + "?" + name[2:],
		strings.ToLower(action), strings.ToUpper(action), name, service + ":", service, service + "*", action + " ", "${aws:PrincipalArn}",
	}
}

func oddResources(arn string) []string {
	all := []string{
		"", "*", "**", "arn:*", "arn:aws:*", "a*", strings.ToLower(arn), strings.ToUpper(arn), arn + "*", arn + "/*", arn + "?", arn + "${*}",
		arn[:len(arn)-2] + "*", arn[:len(arn)-2] + "?" + arn[len(arn)-1:], "*" + arn[3:], arn[:len(arn)-4] + "*" + arn[len(arn)-2:],
		strings.Replace(arn, template.Region, "*", 1), strings.Replace(arn, template.Account, "", 1),
		strings.Replace(arn, template.Account, "${aws:PrincipalAccount}", 1), arn[:len(arn)-3] + "${aws:username}", "${aws:PrincipalArn}",
		arn[:len(arn)-3] + "${aws:PrincipalTag/a, '" + arn[len(arn)-3:] + "'}",
	}
	parts := strings.Split(arn, ":")
	for i := 2; i < len(parts); i++ {
		begun := strings.Join(parts[:i], ":")
		all = append(all, begun, begun+":", begun+":*", begun+"*", begun+":"+parts[i][:len(parts[i])/2]+"*")
	}
	return all
}

// operators are those of conditions on texts and ARNs, and some for other types.
var operators = []string{
	"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike",
	"StringEqualsIfExists", "ArnEqualsIfExists", "ForAllValues:StringEquals", "ForAnyValue:StringEquals", "ForAllValues:ArnEquals",
	"Null", "Bool", "NumericEquals", "stringequals", "StringEqual",
}

// oddConditions compares the role, or what the question's context has, with the value that is there and with others.
func oddConditions(q iam.Question) (all []map[string]map[string]any) {
	there := map[string]string{principalARN: q.Role, "aws:PrincipalArn": q.Role, "aws:SourceVpc": "vpc-1", "kms:ViaService": "s3.us-east-1.amazonaws.com"}
	for name, value := range q.Context {
		there[name], there[strings.ToUpper(name)] = value, value
	}
	for name, value := range there {
		for _, operator := range operators {
			for _, want := range oddValues(value) {
				all = append(all, map[string]map[string]any{operator: {name: want}})
			}
		}
		all = append(all,
			map[string]map[string]any{"StringEquals": {name: value}, "ArnEquals": {"aws:PrincipalArn": q.Role}},
			map[string]map[string]any{"StringEquals": {name: value, "aws:PrincipalArn": "none"}},
			map[string]map[string]any{"StringEquals": {}}, map[string]map[string]any{},
		)
	}
	return all
}

func oddValues(value string) []any {
	half := len(value) / 2
	return []any{
		value, strings.ToUpper(value), value + "x", value[:half] + "*", value[:half] + "?" + value[half+1:], "*", "", "true", "false", true, 1,
		"${aws:PrincipalArn}", "${kms:EncryptionContext:kind}", value + "${*}", "${aws:PrincipalTag/a, '" + value + "'}",
		[]any{"none", value}, []any{"none", "nothing"}, []any{},
	}
}
