package auth

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAStarStandsForOnePartAndAtTheEndForTheRest(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"repo:acme/app:ref:refs/heads/main", "repo:acme/app:ref:refs/heads/main", true},
		{"repo:acme/app:ref:refs/heads/main", "repo:acme/app:ref:refs/heads/main2", false},
		{"repo:acme/app:ref:refs/heads/main", "xrepo:acme/app:ref:refs/heads/main", false},
		{"repo:acme/app:ref:refs/heads/main", "repo:Acme/app:ref:refs/heads/main", false},
		{"repo:acme/app:*", "repo:acme/app:environment:prod", true},
		{"repo:acme/app:*", "repo:acme/app:", true},
		{"repo:acme/app:*", "repo:acme/app", false},
		{"repo:acme/app:*", "repo:acme/app-evil:environment:prod", false},
		{"repo:acme/*", "repo:acme/app:ref:refs/heads/main", true},
		{"repo:acme/*", "repo:acme-evil/app:ref:refs/heads/main", false},
		{"repo:acme/*:environment:prod", "repo:acme/app:environment:prod", true},
		{"repo:acme/*:environment:prod", "repo:acme/app:ref:x:environment:prod", false},
		{"repo:acme/*:environment:prod", "repo:acme/app:environment:prod:x", false},
		{"repo:acme/*-*:environment:*", "repo:acme/a-b:environment:x", true},
		{"repo:acme/*-*:environment:*", "repo:acme/ab:environment:x-", false},
		{"project_path:acme/*:ref_type:branch:ref:main", "project_path:acme/team/app:ref_type:branch:ref:main", true},
		{"system:serviceaccount:*:deployer", "system:serviceaccount:payments:deployer", true},
		{"system:serviceaccount:*:deployer", "system:serviceaccount:x:y:deployer", false},
		{"arn:aws:iam::123456789012:role/ci-*", "arn:aws:iam::123456789012:role/ci-deploy", true},
		{"arn:aws:iam::123456789012:role/ci-*", "arn:aws:iam::999999999999:role/ci-deploy", false},
		{"a*b*c", "aXbYbZc", true}, {"a*b*c", "aXbYbZ", false}, {"a*a", "a", false}, {"a*a", "aa", true}, {"*ab*ab", "ab", false},
		{"a**c", "ac", true}, {"*", "", true}, {"*", "a:b", true}, {"**", "a:b", true}, {"", "", true}, {"", "a", false}, {"a?", "ab", false},
	} {
		if got := fits(c.pattern, c.text); got != c.want {
			t.Errorf("%q and %q: %v", c.pattern, c.text, got)
		}
	}
}

func TestAPatternThatSaysTooLittleAboutWhoLetsInEverybody(t *testing.T) {
	for pattern, want := range map[string]bool{
		"*": true, "**": true, "r*": true, "repo:*": true, "repo:*/app:*": true, "repo:acme*": true, "repo:/*": true,
		"repo:acme/*": false, "repo:acme@1/app@2:*": false, "repo:acme/app:ref:refs/heads/main": false, "repo:": false,
		"project_path:*": true, "project_path:acm*": true, "project_path:acme/*": false,
		"system:*": true, "system:serviceaccount:*": true, "system:serviceaccount:*:default": true, "system:serviceaccount:pay*": true,
		"system:serviceaccount:payments:*": false,
		"arn:*":                            true, "arn:aws:iam::*": true, "arn:aws:iam::123456789012:*": true, "arn:aws:iam::123456789012:role/*": true,
		"arn:aws:iam::123456789012:role/ci-*": false, "arn:aws:iam::*:role/ci-*": true,
		"user:*": true, "auth0|*": true, "spiffe://*": true, "user:ada*": false, "spiffe://acme/*": false, "ci-*": false,
	} {
		if got := LetsInEverybody(pattern); got != want {
			t.Errorf("%q: %v", pattern, got)
		}
	}
}

// FuzzPattern: a pattern means the same as a regular expression, whatever is in it.
func FuzzPattern(f *testing.F) {
	for _, seed := range [][2]string{
		{"repo:acme/*", "repo:acme/app:ref:refs/heads/main"}, {"a*b*c", "aXbYbZc"}, {"*a*:*b*", "a:b:c"}, {"*", ""}, {"", ""}, {"a:*", "a"}, {"é*\n", "éx\n"}, {"*:*:*", "::"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 100 || !utf8.ValidString(pattern) || !utf8.ValidString(text) {
			return
		}
		var source strings.Builder
		for i, r := range pattern {
			switch {
			case r != '*':
				source.WriteString(regexp.QuoteMeta(string(r)))
			case i == len(pattern)-1:
				source.WriteString(`.*`)
			default:
				source.WriteString(`[^:]*`)
			}
		}
		if got, want := fits(pattern, text), regexp.MustCompile(`(?s)\A`+source.String()+`\z`).MatchString(text); got != want {
			t.Errorf("%q and %q: %v, want %v", pattern, text, got, want)
		}
		if !LetsInEverybody(pattern) && strings.Trim(pattern, "*") == "" && pattern != "" {
			t.Errorf("%q lets in everybody", pattern)
		}
	})
}

// FuzzClaim: an object never fits, whatever its name and the pattern, and what is found is in the claims.
func FuzzClaim(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"a":{"b.c":"d","b":{"c":"e"}},"a.b":[1,"x"]}`, "a.b.c"}, {`{"a":null}`, "a"}, {`{"":{"":{"":1}}}`, ".."}, {`{"a":" [1] "}`, "a"}, {`[]`, ""},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		var claims map[string]json.RawMessage
		if len(name) > 50 || json.Unmarshal([]byte(text), &claims) != nil {
			return
		}
		value, ok := find(claims, name)
		if ok && !json.Valid(value) {
			t.Errorf("found %q", value)
		}
		if ok && claimFits("*", value) != !strings.ContainsAny(string(value[:1]), "{n") && value[0] != '[' {
			t.Errorf("%q fits, or not", value)
		}
	})
}
