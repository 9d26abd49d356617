// Package auth turns a credential into a principal: who calls, for which workspaces, with which
// scopes.
package auth

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// Scope is a right that a credential carries.
type Scope string

// The scopes. None implies another. Two are Keepsake's own: with Restore one sees the secrets that are
// soft-deleted, and undeletes them, and nothing else; with Audit one reads who did what.
const (
	Read    Scope = "secrets:read"
	Write   Scope = "secrets:write"
	Access  Scope = "secrets:access"
	Restore Scope = "secrets:restore"
	Audit   Scope = "secrets:audit"
)

// Scopes are all there are.
var Scopes = []Scope{Read, Write, Access, Restore, Audit}

// ContextHeader is where a broad credential names the workspace that it acts in.
const ContextHeader = "akua-context"

// maxContext is the longest workspace name, in characters.
const maxContext = 53

// IsWorkspace reports whether name can name a workspace: ws_ and up to 50 letters, digits,
// underscores or hyphens.
func IsWorkspace(name string) bool {
	rest, ok := strings.CutPrefix(name, "ws_")
	return ok && secret.IsPlain(rest, 50, "_-")
}

// CheckWorkspace returns an error if name cannot name a workspace.
func CheckWorkspace(name string) error {
	if IsWorkspace(name) {
		return nil
	}
	return fmt.Errorf("%q is not a workspace: it must be ws_ and up to 50 letters, digits, _ or -", name)
}

// Principal is an authenticated caller.
type Principal struct {
	ID         string   // tok_…, jwt:… or tru_…:…: names the credential without revealing it
	Workspace  string   // the workspace that owns the credential; empty if it is broad
	Workspaces []string // where a broad credential may act
	Scopes     []Scope
	ExpiresAt  time.Time // zero: never
}

// May returns Forbidden, which names scope, unless p has scope or one of others.
func (p Principal) May(scope Scope, others ...Scope) error {
	for _, has := range p.Scopes {
		if has == scope || slices.Contains(others, has) {
			return nil
		}
	}
	return &fault.Error{
		Kind:     fault.Forbidden,
		Message:  "the credential lacks the scope " + string(scope),
		Metadata: map[string]string{"scope": string(scope)},
	}
}

// Enter returns the workspace that p acts in, given the request's Akua-Context; nil: the
// request has none. Forbidden if p may not act in that workspace, Invalid if the header is empty
// or too long, or missing though p is broad.
func (p Principal) Enter(context *string) (string, error) {
	switch {
	case context == nil && p.Workspace != "":
		return p.Workspace, nil
	case context == nil:
		return "", fault.NewInvalid("a credential for several workspaces must name one in Akua-Context", "headers", ContextHeader)
	case len([]rune(*context)) < 1 || len([]rune(*context)) > maxContext:
		return "", fault.NewInvalid("must have 1 to 53 characters", "headers", ContextHeader)
	case *context == p.Workspace || slices.Contains(p.Workspaces, *context):
		return *context, nil
	}
	return "", &fault.Error{
		Kind: fault.Forbidden, Message: "the credential is not for this workspace",
		Path: []string{"headers", ContextHeader},
	}
}

const unauthenticatedMessage = "Unauthorized: no credential, or one that is not valid"

// noBearer is for a request without a credential in the form that we accept.
func noBearer() error {
	return &fault.Error{
		Kind:    fault.Unauthenticated,
		Message: "Unauthorized: send the header Authorization with the word Bearer, a space and your token",
		Path:    []string{"headers", "authorization"},
	}
}

// unauthenticated is the one error for every bad credential: it does not say why.
func unauthenticated() error {
	return &fault.Error{Kind: fault.Unauthenticated, Message: unauthenticatedMessage}
}
