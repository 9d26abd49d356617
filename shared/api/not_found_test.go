package api_test

import (
	"strings"
	"testing"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/auth"
)

func TestOnlyWhoMayReadMetadataIsToldThatASecretIsDeleted(t *testing.T) {
	s := start(t)
	id := s.deleted()
	message := func(id string) string {
		t.Helper()
		return s.call("access-secret-version", request{id: id}).fault(404, 7002)["message"].(string)
	}
	deadline := s.now.Add(retention).Format("2006-01-02T15:04:05Z")
	if got := message(id); !strings.HasPrefix(got, "Not Found: ") || !strings.Contains(got, "until "+deadline) {
		t.Errorf("a reader is told %q", got)
	}
	unknown := s.call("access-secret-version", request{id: id, vid: "nope"}).fault(404, 7002)["message"].(string)
	if !strings.Contains(unknown, "until "+deadline) {
		t.Errorf("a reader who asks for an unknown alias is told %q", unknown)
	}
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Access, auth.Write}})
	if got, unknown := message(id), message("sec_1"); got != unknown {
		t.Errorf("who may not read metadata is told %q of a deleted secret and %q of an unknown one", got, unknown)
	}
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: auth.Scopes})
	s.now = s.now.Add(retention)
	if got, unknown := message(id), message("sec_1"); got != unknown {
		t.Errorf("from its deadline on a reader is told %q of a secret and %q of an unknown one", got, unknown)
	}
}

func TestACreateReplayedAfterAHardDeleteIsNotFound(t *testing.T) {
	s := start(t)
	r := request{headers: with("idempotency-key", "k1"), body: body(createBody)}
	id := s.call("create-secret", r).want(201).str("id")
	s.hardDelete(id, "1").want(204)
	s.call("create-secret", r).fault(404, 7002)
}

func TestAnUnknownVersionIsToldFromAnUnknownSecret(t *testing.T) {
	s := start(t)
	id := s.create()
	for vid, id := range map[string]string{"secv_1": id, firstVersionOf(id) + "7": id, firstVersionOf("sec_x"): "sec_x"} {
		want := "Not Found: the secret has no such version"
		if id == "sec_x" {
			want = "Not Found: there is no such secret"
		}
		if got := s.call("get-secret-version", request{id: id, vid: vid}).fault(404, 7002)["message"]; got != want {
			t.Errorf("%s: message %q, want %q", vid, got, want)
		}
	}
}

func TestACreateWithoutAKeyThatMayHaveBeenDoneSaysSo(t *testing.T) {
	s := start(t)
	id := s.create()
	s.fail("dynamodb", wire.LoseRequest())
	for _, r := range []struct {
		operation, key string
		warned         bool
	}{
		{"create-secret", "", true}, {"create-secret-version", "", true}, {"create-secret", "k", false}, {"create-secret-version", "k", false}, {"get-secret", "", false},
	} {
		text := createBody
		if r.operation == "create-secret-version" {
			text = `{"value":"x"}`
		}
		message := s.call(r.operation, request{id: id, headers: with("idempotency-key", r.key), body: &text}).fault(503, 7011)["message"].(string)
		if warned := strings.Contains(message, "Idempotency-Key"); warned != r.warned || !strings.HasPrefix(message, "Service Unavailable: ") {
			t.Errorf("%s with the key %q: %q", r.operation, r.key, message)
		}
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

func TestAnUnknownRouteIsToldFromAnUnknownSecret(t *testing.T) {
	s := start(t)
	event := s.event("reject-unknown-route", request{})
	event.RawPath = "/v1/nowhere"
	response, _ := s.operations["reject-unknown-route"](t.Context(), event)
	if !strings.Contains(response.Body, `"message":"Not Found: there is no such route"`) {
		t.Error(response.Body)
	}
	if got := s.call("get-secret", request{id: "sec_1"}).fault(404, 7002)["message"]; got != "Not Found: there is no such secret" {
		t.Errorf("message %q", got)
	}
}
