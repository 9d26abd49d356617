package api_test

import (
	"slices"
	"testing"

	"keepsake/shared/api"
	"keepsake/shared/auth"
)

// needs has the scope that the contract requires of each operation.
var needs = map[string]auth.Scope{
	"create-secret": auth.Write, "list-secrets": auth.Read, "get-secret": auth.Read, "update-secret": auth.Write,
	"delete-secret": auth.Write, "undelete-secret": auth.Write, "validate-token": auth.Write,
	"create-secret-version": auth.Write, "list-secret-versions": auth.Read, "get-secret-version": auth.Read,
	"enable-secret-version": auth.Write, "disable-secret-version": auth.Write, "destroy-secret-version": auth.Write,
	"access-secret-version": auth.Access, "access-named-version": auth.Access, "list-secret-events": auth.Audit, "list-trash": auth.Read,
}

// restoring are the operations that secrets:restore allows, for what is in the trash.
var restoring = map[string]bool{"get-secret": true, "undelete-secret": true, "list-trash": true}

func TestEachOperationIsDoneWithItsOwnScopeAloneAndWithNoOther(t *testing.T) {
	s := start(t)
	tokens := map[auth.Scope]string{}
	for _, scope := range auth.Scopes {
		tokens[scope] = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{scope}})
	}
	for operation, needed := range needs {
		for scope, token := range tokens {
			s.token = token
			a := s.call(operation, request{id: "sec_none"})
			if allowed := a.status != 403; allowed != (scope == needed || scope == auth.Restore && restoring[operation]) {
				t.Errorf("%s with %s alone: %d %s", operation, scope, a.status, a.text)
			}
		}
	}
}

func TestNoOperationIsWithoutAScope(t *testing.T) {
	for _, route := range api.Routes {
		if needs[route.Operation] == "" && route.Operation != "get-openapi" {
			t.Errorf("%s asks for no scope", route.Operation)
		}
	}
}

func TestWithTheScopeRestoreOneSeesTheTrashAndUndeletesAndDoesNothingElse(t *testing.T) {
	s := start(t)
	active, deleted := s.create(), s.deleted()
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Restore}})

	trash := slices.Concat(s.pages("list-secrets", request{query: with("state", "soft_deleted")})...)
	if !slices.Equal(trash, []string{deleted}) {
		t.Errorf("the trash has %v", trash)
	}
	for name, r := range map[string]request{"no state": {}, "active": {query: with("state", "active")}} {
		if scope := missingScope(s.call("list-secrets", r)); scope != "secrets:read" {
			t.Errorf("list, %s: it asks for the scope %q", name, scope)
		}
	}
	if scope := missingScope(s.call("get-secret", request{id: active})); scope != "secrets:read" {
		t.Errorf("get of an active secret: it asks for the scope %q", scope)
	}
	etag := s.call("get-secret", request{id: deleted}).want(200).str("etag")
	s.call("undelete-secret", request{id: deleted, headers: with("if-match", etag)}).want(200)
	s.call("get-secret", request{id: deleted}).fault(403, 7004)
	s.call("access-secret-version", request{id: deleted, vid: "latest"}).fault(403, 7004)
	s.call("delete-secret", request{id: deleted, headers: with("if-match", etag)}).fault(403, 7004)
}

// missingScope returns the scope that a refusal names.
func missingScope(a response) string {
	metadata, _ := a.fault(403, 7004)["metadata"].(map[string]any)
	scope, _ := metadata["scope"].(string)
	return scope
}
