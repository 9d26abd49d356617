package iam

import (
	"slices"
	"strings"

	"keepsake/infra/template"
)

const (
	allow = "Allow"
	deny  = "Deny"
)

// isAllowedBy reports whether a statement allows r for certain.
func (r request) isAllowedBy(s template.Statement) bool {
	return s.Effect == allow && r.isMeantBy(s) && r.fulfils(s.Condition) == yes
}

// isDeniedBy reports whether a statement denies r, or may: a condition that the laptop cannot judge
// protects nothing if it is taken for unfulfilled.
func (r request) isDeniedBy(s template.Statement) bool {
	return s.Effect == deny && r.isMeantBy(s) && r.fulfils(s.Condition) != no
}

func (r request) isMeantBy(s template.Statement) bool {
	return (s.Principals == nil || slices.ContainsFunc(s.Principals["AWS"], r.isPrincipal)) &&
		slices.ContainsFunc(s.Actions, r.isAction) && slices.ContainsFunc(s.Resources, r.isResource)
}

// isPrincipal also takes the account for whom it holds: everybody in it.
func (r request) isPrincipal(name string) bool {
	return slices.Contains([]string{"*", template.Account, "arn:aws:iam::" + template.Account + ":root", r.role, r.session}, name)
}

func (r request) isAction(pattern string) bool {
	return like(strings.ToLower(pattern), strings.ToLower(r.action))
}

func (r request) isResource(pattern string) bool { return arnLike(pattern, r.resource) }

// arnParts is how many parts an ARN has between its colons; the last may have colons of its own.
const arnParts = 6

// arnLike compares ARNs part by part, as AWS does: a wildcard does not reach beyond a colon, but for
// one at the pattern's end, which stands for all that is missing.
func arnLike(pattern, arn string) bool {
	patterns, parts := strings.SplitN(pattern, ":", arnParts), strings.SplitN(arn, ":", arnParts)
	for len(patterns) < arnParts && strings.HasSuffix(pattern, "*") {
		patterns = append(patterns, "*")
	}
	return slices.EqualFunc(patterns, parts, like)
}

// like compares a text with a pattern, in which * stands for any text and ? for any character.
func like(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	if pattern[0] == '*' {
		return like(pattern[1:], text) || text != "" && like(pattern, text[1:])
	}
	return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && like(pattern[1:], text[1:])
}
