package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"keepsake/shared/auth"
)

// readGrant reads what the token shall be good for. An error names the variable that is wrong.
func readGrant(getenv func(string) string) (auth.Grant, error) {
	one, many := getenv("WORKSPACE"), getenv("WORKSPACES")
	switch {
	case one == "" && many == "":
		return auth.Grant{}, errors.New("WORKSPACE is not set: make token WORKSPACE=ws_x, or WORKSPACES=ws_a,ws_b for a token that may act in several")
	case one != "" && many != "":
		return auth.Grant{}, errors.New("WORKSPACE and WORKSPACES are both set: a token is owned by one workspace or may act in several")
	}
	grant := auth.Grant{Workspace: one}
	if one != "" && !auth.IsWorkspace(one) {
		return grant, notAWorkspace("WORKSPACE", one)
	}
	if many != "" {
		grant.Workspaces = strings.Split(many, ",")
	}
	for _, name := range grant.Workspaces {
		if !auth.IsWorkspace(name) {
			return grant, notAWorkspace("WORKSPACES", name)
		}
	}
	var err error
	grant.Scopes, err = readScopes(getenv("SCOPES"))
	return grant, err
}

func notAWorkspace(variable, name string) error {
	return fmt.Errorf("%s: %q is not a workspace: it must be ws_ and up to 50 letters, digits, _ or -", variable, name)
}

func readScopes(text string) ([]auth.Scope, error) {
	if text == "" {
		return auth.Scopes, nil
	}
	var scopes []auth.Scope
	for _, name := range strings.Fields(text) {
		scope := auth.Scope(name)
		if !slices.Contains(auth.Scopes, scope) {
			return nil, fmt.Errorf("SCOPES: there is no scope %q: there are %s", name, list(auth.Scopes))
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 {
		return nil, fmt.Errorf("SCOPES is blank: leave it out for all of %s", list(auth.Scopes))
	}
	return scopes, nil
}

func list(scopes []auth.Scope) string {
	var names []string
	for _, scope := range scopes {
		names = append(names, string(scope))
	}
	return strings.Join(names, " ")
}
