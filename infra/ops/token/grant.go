package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"keepsake/infra/ops/internal/environment"
	"keepsake/shared/auth"
)

// maxDescription is in characters. A description must fit on a line of the list.
const maxDescription = 100

// readGrant reads what the token may do, where and until when. An error names the variable that is wrong.
func readGrant(env environment.Lookup, now time.Time) (auth.Grant, error) {
	grant := auth.Grant{CreatedAt: now}
	if err := env.RefuseBlank("SCOPES", "EXPIRES"); err != nil {
		return grant, err
	}
	var err error
	if grant.Workspace, grant.Workspaces, err = readWorkspaces(env); err != nil {
		return grant, err
	}
	if grant.Scopes, err = readScopes(env.Get("SCOPES")); err != nil {
		return grant, err
	}
	if grant.ExpiresAt, err = readExpiry(env.Get("EXPIRES"), now); err != nil {
		return grant, err
	}
	grant.Description = env.Get("DESCRIPTION")
	if utf8.RuneCountInString(grant.Description) > maxDescription || strings.ContainsFunc(grant.Description, unicode.IsControl) {
		return grant, fmt.Errorf("DESCRIPTION must be one line of at most %d characters", maxDescription)
	}
	return grant, nil
}

func readWorkspaces(env environment.Lookup) (one string, many []string, err error) {
	one, list := env.Get("WORKSPACE"), env.Get("WORKSPACES")
	switch {
	case one == "" && list == "":
		return "", nil, errors.New("WORKSPACE is not set: make token WORKSPACE=ws_x, or WORKSPACES=ws_a,ws_b for a token that may act in several")
	case one != "" && list != "":
		return "", nil, errors.New("WORKSPACE and WORKSPACES are both set: set WORKSPACE for a token of one workspace, or WORKSPACES for one that may act in several")
	case one != "":
		return one, nil, checkWorkspace("WORKSPACE", one)
	}
	many = strings.Split(list, ",")
	for _, name := range many {
		if err := checkWorkspace("WORKSPACES", name); err != nil {
			return "", nil, err
		}
	}
	return "", many, nil
}

func checkWorkspace(variable, name string) error {
	if err := auth.CheckWorkspace(name); err != nil {
		return fmt.Errorf("%s: %w", variable, err)
	}
	return nil
}

func readScopes(text string) ([]auth.Scope, error) {
	if text == "" {
		return auth.Scopes, nil
	}
	var scopes []auth.Scope
	for _, name := range strings.Fields(text) {
		scope := auth.Scope(name)
		if !slices.Contains(auth.Scopes, scope) {
			return nil, fmt.Errorf("SCOPES: there is no scope %q: choose from %s", name, join(auth.Scopes))
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 {
		return nil, fmt.Errorf("SCOPES is blank: leave it out for all of %s", join(auth.Scopes))
	}
	return scopes, nil
}

func join(scopes []auth.Scope) string {
	var names []string
	for _, scope := range scopes {
		names = append(names, string(scope))
	}
	return strings.Join(names, " ")
}
