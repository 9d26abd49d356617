package auth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"keepsake/shared/auth"
)

const (
	issuerName = "https://issuer.example"
	audience   = "keepsake"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// issuer plays an identity provider: it signs tokens and publishes its keys on loopback.
type issuer struct {
	t       testing.TB
	url     string
	private map[string]any // by kid

	mu      sync.Mutex
	public  []jose.JSONWebKey
	fetches int
	answer  http.HandlerFunc // instead of the keys; nil: the keys
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	i := &issuer{t: t, private: map[string]any{}}
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	i.url = server.URL
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	i.publish("ed", edwards)
	return i
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.fetches++
	answer, set := i.answer, jose.JSONWebKeySet{Keys: i.public}
	i.mu.Unlock()
	if answer != nil {
		answer(w, r)
		return
	}
	_ = json.NewEncoder(w).Encode(set)
}

// answers makes the issuer respond like this; nil: with its keys again.
func (i *issuer) answers(how http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answer = how
}

func (i *issuer) fetched() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches
}

// publish adds a key under kid.
func (i *issuer) publish(kid string, private any, change ...func(*jose.JSONWebKey)) {
	key := jose.JSONWebKey{Key: private, KeyID: kid, Use: "sig"}
	key = key.Public()
	for _, c := range change {
		c(&key)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.private[kid] = private
	i.public = append(i.public, key)
}

func (i *issuer) verifier() auth.Credentials {
	return auth.Credentials{JWTs: auth.NewJWTs(auth.Issuer{Name: issuerName, Audience: audience, KeysURL: i.url})}
}

// claims are a good token's, with changes. A nil value takes a claim out.
func claims(changes map[string]any) map[string]any {
	all := map[string]any{
		"iss": issuerName, "aud": audience, "sub": "ci-bot", "akua_workspace": "ws_a",
		"scope": "secrets:read", "exp": start.Add(time.Hour).Unix(),
	}
	for name, value := range changes {
		all[name] = value
		if value == nil {
			delete(all, name)
		}
	}
	return all
}

// sign makes a token with the key of that kid.
func (i *issuer) sign(kid string, algorithm jose.SignatureAlgorithm, c map[string]any) string {
	i.t.Helper()
	return signWith(i.t, i.private[kid], kid, algorithm, c)
}

func signWith(t testing.TB, key any, kid string, algorithm jose.SignatureAlgorithm, c map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(c).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// good makes an accepted token.
func (i *issuer) good(changes map[string]any) string {
	return i.sign("ed", jose.EdDSA, claims(changes))
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ecKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ask(c auth.Credentials, token string, now time.Time) (auth.Principal, error) {
	return c.Authenticate(context.Background(), "Bearer "+token, now)
}
