package main

import (
	"maps"
	"strings"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/template"
)

// addNearMisses adds what differs in one thing from a call that is allowed: the resource, the action, who acts, a value
// that a condition compares, or a statement.
func (w world) addNearMisses(t *trials, q iam.Question) {
	service, name, _ := strings.Cut(q.Action, ":")
	for _, resource := range append(w.resources(), near(q.Resource)...) {
		if strings.Split(resource, ":")[2] == service { // AWS asks no other question
			t.must(nearMiss, "another resource", with(q, resource, w.keys))
		}
	}
	for _, action := range append(w.actions(), service+":"+strings.ToLower(name), strings.ToUpper(service)+":"+name, q.Action+"s") {
		if strings.HasPrefix(strings.ToLower(action), service+":") {
			other := q
			other.Action = action
			t.must(nearMiss, "another action", other)
		}
	}
	for _, a := range w.actors {
		other := q
		other.Role = a.role
		t.must(nearMiss, "the same rights in another role", other)
		other.Function, other.Statements = a.name, a.statements
		t.must(nearMiss, "another role", other)
	}
	for _, context := range nearContexts(q) {
		other := q
		other.Context = context
		t.must(nearMiss, "another context", other)
	}
	for i := range q.Statements {
		other := q
		other.Statements = without(q.Statements, i)
		t.must(nearMiss, "a statement less", other)
	}
	for i := range q.Key {
		other := q
		other.Key = without(q.Key, i)
		t.must(nearMiss, "a statement of the key less", other)
	}
}

func without(all []template.Statement, i int) []template.Statement {
	return append(append([]template.Statement{}, all[:i]...), all[i+1:]...)
}

// near returns ARNs that are almost one.
func near(arn string) []string {
	last := strings.LastIndex(arn, ":") + 1
	all := []string{
		arn + "x", arn[:len(arn)-1], arn[:last] + strings.ToLower(arn[last:]), arn[:last] + strings.ToUpper(arn[last:]),
		strings.Replace(arn, template.Region, "eu-west-1", 1), strings.Replace(arn, template.Account, "111111111111", 1),
		strings.Replace(arn, "arn:aws:", "arn:aws-cn:", 1), arn + "/index/list", arn + "/", arn + ":live",
	}
	if table, _, ok := strings.Cut(arn, "/index/"); ok {
		all = append(all, table, table+"/index/", table+"/index/none", table+"/index")
	}
	return all
}

// nearContexts returns contexts that differ in one value: none, another one, or one that a condition names or almost.
func nearContexts(q iam.Question) (all []map[string]string) {
	named := demandedOf(q)
	for name := range merged(named, q.Context) {
		all = append(all, changed(q.Context, name, nil))
		for _, value := range []string{"", "*", named[name], named[name] + "x", strings.ToUpper(named[name])} {
			all = append(all, changed(q.Context, name, &value))
		}
	}
	return all
}

// demandedOf returns the values that the conditions of a question's policies name.
func demandedOf(q iam.Question) map[string]string {
	all := map[string]string{}
	for _, s := range append(append([]template.Statement{}, q.Statements...), q.Key...) {
		maps.Copy(all, demanded(s))
	}
	return all
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// changed returns a context with another value, or without one.
func changed(context map[string]string, name string, value *string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, context)
	delete(all, name)
	if value != nil {
		all[name] = *value
	}
	return all
}
