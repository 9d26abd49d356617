package api_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
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
