package main

import (
	"fmt"
	"slices"
	"strings"

	"keepsake/infra/ops/internal/environment"
)

// variables are all that a run reads, besides those of AWS.
var variables = []string{
	"WORKSPACE", "WORKSPACES", "SCOPES", "EXPIRES", "DESCRIPTION", "TOKEN_ID", "STACK", "REGION", "TOKENS_TABLE",
}

// slips are what people write for one of them. In the environment, where much else is, only these are
// looked for.
var slips = []string{"SCOPE", "EXPIRE", "EXPIRY"}

// refuseUnknown is an error that names a variable which was given and would be passed over: a token with
// SCOPE=secrets:read has every scope.
func refuseUnknown(env environment.Lookup) error {
	unknown := slices.DeleteFunc(commandLine(env.Get("MAKEFLAGS")), func(name string) bool {
		return slices.Contains(variables, name) || strings.HasPrefix(name, "AWS_")
	})
	for _, name := range slips {
		if _, set := env(name); set {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("%s is not known here: there are %s", unknown[0], strings.Join(variables, ", "))
}

// commandLine lists the variables that make was called with. It hands them on behind two hyphens, with a
// backslash before each blank of a value.
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
