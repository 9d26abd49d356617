package main

import (
	"fmt"
	"slices"
	"strings"
)

// tokenVariables and trustVariables are all that a run about tokens or trusts reads, beside those of AWS.
var (
	tokenVariables = []string{
		"WORKSPACE", "WORKSPACES", "SCOPES", "EXPIRES", "DESCRIPTION", "TOKEN_ID", "STACK", "REGION", "TOKENS_TABLE",
	}
	trustVariables = []string{
		"ISSUER", "AUDIENCE", "SUB", "CLAIM_…", "CLAIMS", "EVERYBODY", "WORKSPACE", "WORKSPACES", "SCOPES", "EXPIRES",
		"DESCRIPTION", "TRUST_ID", "STACK", "REGION", "TOKENS_TABLE",
	}
)

// typos are wrong spellings of them. Of the environment, which holds many other variables, only these are
// refused.
var typos = []string{"SCOPE", "EXPIRE", "EXPIRY", "CLAIM"}

// refuseUnknown returns an error that names a variable which would be ignored: with SCOPE=secrets:read, a
// token would have every scope.
func (t tool) refuseUnknown(known []string) error {
	unknown := slices.DeleteFunc(commandLine(t.env.Get("MAKEFLAGS")), func(name string) bool {
		if strings.HasPrefix(name, claimPrefix) && slices.Contains(known, "CLAIMS") {
			return slices.Contains(t.names, name) // make does not pass on a name with, say, a colon
		}
		return slices.Contains(known, name) || strings.HasPrefix(name, "AWS_")
	})
	for _, name := range typos {
		if _, set := t.env(name); set {
			unknown = append(unknown, name)
		}
	}
	switch {
	case len(unknown) == 0:
		return nil
	case strings.HasPrefix(unknown[0], claimPrefix) && slices.Contains(known, "CLAIMS"):
		return fmt.Errorf("%s is a name that make does not pass on: write CLAIMS=%q", unknown[0], strings.TrimPrefix(unknown[0], claimPrefix)+"=…")
	}
	return fmt.Errorf("%s is not a variable of this program: choose from %s", unknown[0], strings.Join(known, ", "))
}

// commandLine lists the variables that make was called with. MAKEFLAGS has them behind two hyphens, with a
// backslash before each space in a value.
func commandLine(makeflags string) []string {
	_, given, _ := strings.Cut(" "+makeflags, " -- ")
	var names []string
	for _, word := range strings.Fields(strings.ReplaceAll(given, `\ `, "")) {
		if name, _, assigned := strings.Cut(word, "="); assigned {
			names = append(names, name)
		}
	}
	return names
}
