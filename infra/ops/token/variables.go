package main

import (
	"fmt"
	"slices"
	"strings"

	"keepsake/infra/ops/internal/environment"
)

// variables are all that a run reads, beside those of AWS.
var variables = []string{
	"WORKSPACE", "WORKSPACES", "SCOPES", "EXPIRES", "DESCRIPTION", "TOKEN_ID", "STACK", "REGION", "TOKENS_TABLE",
}

// typos are wrong spellings of them. Of the environment, which holds many other variables, only these are
// refused.
var typos = []string{"SCOPE", "EXPIRE", "EXPIRY"}

// refuseUnknown returns an error that names a variable which would be ignored: with SCOPE=secrets:read, a
// token would have every scope.
func refuseUnknown(env environment.Lookup) error {
	unknown := slices.DeleteFunc(commandLine(env.Get("MAKEFLAGS")), func(name string) bool {
		return slices.Contains(variables, name) || strings.HasPrefix(name, "AWS_")
	})
	for _, name := range typos {
		if _, set := env(name); set {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("%s is not a variable of this program: choose from %s", unknown[0], strings.Join(variables, ", "))
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
