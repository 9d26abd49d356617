package api_test

import (
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
	"access-secret-version": auth.Access,
}

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
			if allowed := a.status != 403; allowed != (scope == needed) {
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
