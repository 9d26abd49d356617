package api_test

import (
	"strings"
	"testing"
	"time"

	"keepsake/shared/auth"
)

func grantFor(workspace string) auth.Grant {
	return auth.Grant{Workspace: workspace, Scopes: auth.Scopes}
}

func TestABadCredentialIsUnauthorized(t *testing.T) {
	s := start(t)
	for name, header := range map[string]string{
		"none":          "",
		"no scheme":     s.token,
		"another":       "Basic " + s.token,
		"unknown token": "Bearer sk_akua_unknown",
		"no token":      "Bearer ",
		"not ours":      "Bearer something",
	} {
		a := s.call("get-secret", request{id: "sec_1", headers: with("authorization", header)})
		a.fault(401, 7003)
		if a.headers["WWW-Authenticate"] != "Bearer" {
			t.Errorf("%s: WWW-Authenticate %q", name, a.headers["WWW-Authenticate"])
		}
	}
}

func TestAnExpiredTokenIsUnauthorizedEvenWhileCached(t *testing.T) {
	s := start(t)
	id := s.create()
	grant := grantFor(workspace)
	grant.ExpiresAt = s.now.Add(10 * time.Second)
	s.token = s.mint(grant)
	s.call("get-secret", request{id: id}).want(200)
	s.now = s.now.Add(10 * time.Second)
	s.call("get-secret", request{id: id}).fault(401, 7003)
}

func TestATokenIsLookedUpOnceAMinute(t *testing.T) {
	s := start(t)
	id := s.create()
	s.restart()
	s.cloud.ResetCalls()
	s.call("get-secret", request{id: id}).want(200)
	s.now = s.now.Add(44 * time.Second)
	s.call("get-secret", request{id: id}).want(200)
	s.wantCalls("dynamodb:GetItem", "dynamodb:GetItem", "dynamodb:GetItem")
	s.now = s.now.Add(16 * time.Second)
	s.call("get-secret", request{id: id}).want(200)
	if n := len(s.cloud.Calls()); n != 5 {
		t.Errorf("%d calls after the cached token has aged, want 5", n)
	}
}

func TestEachOperationAsksForItsOwnScope(t *testing.T) {
	s := start(t)
	id := s.create()
	scopes := map[string]auth.Scope{
		"create-secret": auth.Write, "get-secret": auth.Read, "delete-secret": auth.Write,
		"undelete-secret": auth.Write, "access-secret-version": auth.Access,
	}
	for operation, needed := range scopes {
		var others []auth.Scope
		for _, scope := range auth.Scopes {
			if scope != needed && scope != auth.Restore {
				others = append(others, scope)
			}
		}
		s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: others})
		s.call(operation, request{id: id}).fault(403, 7004)
		// This is decided before the secret is looked up: a secret that does not exist makes no difference.
		s.call(operation, request{id: "sec_none"}).fault(403, 7004)
	}
}

func TestATokenOfAWorkspaceActsInNoOther(t *testing.T) {
	s := start(t)
	id := s.create()
	s.call("get-secret", request{id: id, headers: with("akua-context", workspace)}).want(200)
	s.call("get-secret", request{id: id, headers: with("akua-context", "ws_other")}).fault(403, 7004)
}

func TestABroadTokenNamesItsWorkspace(t *testing.T) {
	s := start(t)
	id := s.create()
	s.token = s.mint(auth.Grant{Workspaces: []string{workspace, "ws_b"}, Scopes: auth.Scopes})
	s.call("get-secret", request{id: id, headers: with("akua-context", workspace)}).want(200)
	s.call("get-secret", request{id: id, headers: with("akua-context", "ws_b")}).fault(404, 7002)
	s.call("get-secret", request{id: id, headers: with("akua-context", "ws_c")}).fault(403, 7004)

	a := s.call("get-secret", request{id: strings.Repeat("x", 55)})
	a.fault(400, 7001)
	if got := strings.Join(a.paths(), " "); got != "headers.akua-context params.id" {
		t.Errorf("a missing Akua-Context is not listed with all other faults: %s", got)
	}
}

func TestAkuaContextIsBounded(t *testing.T) {
	s := start(t)
	a := s.call("get-secret", request{id: "sec_1", headers: with("akua-context", "ws_"+strings.Repeat("x", 51))})
	a.fault(400, 7001)
	if got := a.paths(); got[0] != "headers.akua-context" {
		t.Errorf("paths %v", got)
	}
}

func TestWhoSendsNoBearerIsToldWhatToSend(t *testing.T) {
	s := start(t)
	for _, header := range []string{"", "Basic dTpw", s.token} {
		fault := s.call("list-secrets", request{headers: with("authorization", header)}).fault(401, 7003)
		if message := fault["message"].(string); !strings.Contains(message, "Authorization with the word Bearer") || strings.Contains(message, s.token) {
			t.Errorf("message %q", strings.ReplaceAll(message, s.token, "THE TOKEN"))
		}
	}
	if got := s.call("list-secrets", request{headers: with("authorization", "Bearer nobody's")}).fault(401, 7003)["message"]; got != "Unauthorized: no credential, or one that is not valid" {
		t.Errorf("message %q", got)
	}
}

func TestEveryFaultOfAkuaContextNamesTheHeader(t *testing.T) {
	s := start(t)
	broad := s.mint(auth.Grant{Workspaces: []string{workspace, "ws_b"}, Scopes: auth.Scopes})
	for _, c := range []struct {
		token, context string
		status         int
		code           float64
	}{
		{broad, "", 400, 7001}, {broad, strings.Repeat("x", 54), 400, 7001}, {broad, "ws_c", 403, 7004}, {s.token, "ws_b", 403, 7004},
	} {
		a := s.call("list-secrets", request{headers: with("authorization", "Bearer "+c.token, "akua-context", c.context)})
		a.fault(c.status, c.code)
		if got := a.paths(); len(got) != 1 || got[0] != "headers.akua-context" {
			t.Errorf("%q: paths %v", c.context, got)
		}
	}
}
