package api_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"keepsake/shared/auth"
	"keepsake/shared/auth/authtest"
)

// trustIssuer has every operation take the JWTs of an issuer on loopback, and returns what makes
// one. The issuer publishes its keys while up is true.
func (s *service) trustIssuer(up *bool) func(claims map[string]any) string {
	s.t.Helper()
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: "k"}}})
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !*up {
			w.WriteHeader(500)
			return
		}
		_, _ = w.Write(keys)
	}))
	s.t.Cleanup(server.Close)
	s.t.Setenv("JWT_ISSUER", "https://issuer.example")
	s.t.Setenv("JWT_AUDIENCE", "keepsake")
	s.t.Setenv("JWT_JWKS_URL", server.URL)
	s.restart()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: private, KeyID: "k"}}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return func(claims map[string]any) string {
		claims["iss"], claims["aud"], claims["sub"] = "https://issuer.example", "keepsake", "ci-bot"
		claims["exp"] = s.now.Add(time.Hour).Unix()
		token, err := jwt.Signed(signer).Claims(claims).Serialize()
		if err != nil {
			s.t.Fatal(err)
		}
		return token
	}
}

func TestAJWTIsAsGoodAsAToken(t *testing.T) {
	s := start(t)
	id := s.create()
	up := true
	sign := s.trustIssuer(&up)
	s.token = sign(map[string]any{"akua_workspace": workspace, "scope": "openid secrets:access"})
	s.cloud.ResetCalls()
	s.call("access-secret-version", request{id: id}).want(200)
	for _, call := range s.cloud.Calls() {
		if call == "dynamodb:GetItem" {
			t.Error("a JWT was looked up in a table")
		}
	}
	if lines := s.trail(); lines[len(lines)-1]["principal"] != "jwt:ci-bot" {
		t.Errorf("principal %v", lines[len(lines)-1]["principal"])
	}
	s.call("get-secret", request{id: id}).fault(403, 7004)

	s.token = sign(map[string]any{"akua_workspaces": []string{workspace, "ws_b"}, "scope": "secrets:read"})
	s.call("get-secret", request{id: id, headers: with("akua-context", workspace)}).want(200)
	s.call("get-secret", request{id: id, headers: with("akua-context", "ws_b")}).fault(404, 7002)
	s.call("get-secret", request{id: id, headers: with("akua-context", "ws_c")}).fault(403, 7004)
	s.call("get-secret", request{id: id}).fault(400, 7001)
	s.token = sign(map[string]any{"scope": "secrets:read"})
	s.call("get-secret", request{id: id, headers: with("akua-context", workspace)}).fault(403, 7004)
}

func TestABadJWTIsUnauthorizedAndOneThatCannotBeCheckedUnavailable(t *testing.T) {
	s := start(t)
	id := s.create()
	s.token = "aaaa.bbbb.cccc"
	s.call("get-secret", request{id: id}).fault(401, 7003)
	up := false
	sign := s.trustIssuer(&up)
	good := sign(map[string]any{"akua_workspace": workspace, "scope": "secrets:read"})
	s.token = good
	a := s.call("get-secret", request{id: id})
	a.fault(503, 7011)
	if a.headers["Retry-After"] == "" {
		t.Error("no Retry-After")
	}
	up, s.now = true, s.now.Add(time.Minute)
	s.call("get-secret", request{id: id}).want(200)
	s.token = good[:len(good)-8] + "AAAAAAAA"
	s.call("get-secret", request{id: id}).fault(401, 7003)
	for part := range strings.SplitSeq(good, ".") {
		if strings.Contains(s.log.String(), part) {
			t.Error("a part of a token is in the log")
		}
	}
}

// trustGitHub puts GitHub's issuer on loopback, and returns what trusts it and a token of it.
func (s *service) trustGitHub() (i *authtest.Issuer, trust func(auth.Grant) auth.Trust, token string) {
	s.t.Helper()
	shape := authtest.Shapes[0]
	server := httptest.NewUnstartedServer(nil)
	i = authtest.NewIssuer(s.t, "http://"+server.Listener.Addr().String(), shape.KeysPath, shape.Algorithm)
	server.Config.Handler = i
	server.Start()
	s.t.Cleanup(server.Close)
	return i, func(g auth.Grant) auth.Trust {
		s.t.Helper()
		made, err := auth.NewRegistry(s.db, os.Getenv("TOKENS_TABLE")).Trust(s.t.Context(), shape.From(i.Name), g)
		if err != nil {
			s.t.Fatal(err)
		}
		return made
	}, i.Sign("k1", shape.Claims(i.Name, s.now))
}

func TestATrustedTokenActsAsItsTrustSaysAndTrailAndLogNameBoth(t *testing.T) {
	s := start(t)
	id := s.create()
	_, trust, token := s.trustGitHub()
	made := trust(auth.Grant{Workspaces: []string{workspace, "ws_b"}, Scopes: []auth.Scope{auth.Access}})
	principal := made.ID + ":repo:octo-org/octo-repo:environment:prod"
	s.token = token
	here := with("akua-context", workspace)
	s.log.Reset()
	s.call("access-secret-version", request{id: id, headers: here}).want(200)
	if lines := s.trail(); lines[len(lines)-1]["principal"] != principal {
		t.Errorf("the trail names %v, want %s", lines[len(lines)-1]["principal"], principal)
	}
	if !strings.Contains(s.log.String(), `"principal":"`+principal+`"`) {
		t.Errorf("the log does not name %s: %s", principal, &s.log)
	}
	s.call("access-secret-version", request{id: id, headers: with("akua-context", "ws_b")}).fault(404, 7002)
	s.call("access-secret-version", request{id: id, headers: with("akua-context", "ws_c")}).fault(403, 7004)
	s.call("access-secret-version", request{id: id}).fault(400, 7001)
	s.call("get-secret", request{id: id, headers: here}).fault(403, 7004)
	for part := range strings.SplitSeq(token, ".") {
		if strings.Contains(s.log.String(), part) {
			t.Error("a part of a token is in the log")
		}
	}
}

func TestATrustedTokenCostsOneReadAMinuteMoreThanTheOperation(t *testing.T) {
	s := start(t)
	id := s.create()
	i, trust, token := s.trustGitHub()
	trust(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Read}})
	s.token = token
	s.cloud.ResetCalls()
	s.call("get-secret", request{id: id}).want(200)
	s.wantSteps([]string{"dynamodb:GetItem"}, []string{"dynamodb:GetItem"}) // the trusts, and the secret
	s.cloud.ResetCalls()
	s.call("get-secret", request{id: id}).want(200)
	s.wantCalls("dynamodb:GetItem")
	if asked := i.Asked(); len(asked) != 2 {
		t.Errorf("the issuer was asked %q", asked)
	}
}

func TestWhyAWorkloadIsRefusedIsInTheLogAndNotInTheResponse(t *testing.T) {
	s := start(t)
	id := s.create()
	i, trust, token := s.trustGitHub()
	s.token = token
	for _, c := range []struct {
		prepare func()
		why     string
		status  int
	}{
		{func() {}, "jwt: no trust names its issuer", 401},
		{func() { trust(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Access}}) }, "the credential lacks the scope secrets:read", 403},
		{func() { s.now = s.now.Add(time.Hour) }, "jwt: its iss, exp, nbf or iat does not fit", 401},
		{func() { i.Answer(i.Discovery(), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }) }, "/.well-known/openid-configuration answers 500", 503},
	} {
		c.prepare()
		s.restart()
		s.log.Reset()
		a := s.call("get-secret", request{id: id})
		a.fault(c.status, map[int]float64{401: 7003, 403: 7004, 503: 7011}[c.status])
		if !strings.Contains(s.log.String(), c.why) {
			t.Errorf("the log does not say %q: %s", c.why, &s.log)
		}
		if c.status != 403 && strings.Contains(a.text, c.why) {
			t.Errorf("the response says why: %s", a.text)
		}
	}
}
