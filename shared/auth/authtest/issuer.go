// Package authtest plays issuers of JWTs, whose tokens have the claims that the real ones write.
package authtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Issuer signs tokens, and serves its discovery document and its keys.
type Issuer struct {
	Name     string // the claim iss
	KeysPath string // of jwks_uri, from the host's root

	t         testing.TB
	algorithm jose.SignatureAlgorithm

	mu        sync.Mutex
	private   map[string]any // by kid
	published []jose.JSONWebKey
	answers   map[string]http.HandlerFunc // by path: instead of the documents
	asked     []string
}

var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// NewIssuer returns an issuer of that name which signs with a key of its own, named k1.
func NewIssuer(t testing.TB, name, keysPath string, algorithm jose.SignatureAlgorithm) *Issuer {
	t.Helper()
	i := &Issuer{
		Name: name, KeysPath: keysPath, t: t, algorithm: algorithm,
		private: map[string]any{}, answers: map[string]http.HandlerFunc{},
	}
	i.Publish("k1")
	return i
}

// Publish makes a key under that kid.
func (i *Issuer) Publish(kid string) {
	i.t.Helper()
	key := i.newKey()
	public := jose.JSONWebKey{Key: key, KeyID: kid, Use: "sig", Algorithm: string(i.algorithm)}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.private[kid] = key
	i.published = append(i.published, public.Public())
}

func (i *Issuer) newKey() any {
	i.t.Helper()
	if i.algorithm == jose.RS256 {
		key, err := rsaKey()
		if err != nil {
			i.t.Fatal(err)
		}
		return key
	}
	curve := map[jose.SignatureAlgorithm]elliptic.Curve{jose.ES256: elliptic.P256(), jose.ES384: elliptic.P384()}[i.algorithm]
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	return key
}

// Withdraw takes the key of that kid out of the published ones.
func (i *Issuer) Withdraw(kid string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	kept := []jose.JSONWebKey{}
	for _, key := range i.published {
		if key.KeyID != kid {
			kept = append(kept, key)
		}
	}
	i.published = kept
}

// Answer makes the issuer answer like this at a path; nil: with its document again.
func (i *Issuer) Answer(path string, how http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answers[path] = how
}

// Asked returns what the issuer was asked for, each as method and path.
func (i *Issuer) Asked() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]string(nil), i.asked...)
}

// Keys returns the published keys as a JWK set.
func (i *Issuer) Keys() []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	content, err := json.Marshal(jose.JSONWebKeySet{Keys: i.published})
	if err != nil {
		i.t.Error(err)
	}
	return content
}

// Discovery is the path of the issuer's document.
func (i *Issuer) Discovery() string {
	_, rest, _ := strings.Cut(i.Name, "://")
	_, path, _ := strings.Cut(rest, "/")
	return strings.TrimSuffix("/"+path, "/") + "/.well-known/openid-configuration"
}

// Document returns the discovery document.
func (i *Issuer) Document() map[string]any {
	scheme, rest, _ := strings.Cut(i.Name, "://")
	host, _, _ := strings.Cut(rest, "/")
	return map[string]any{
		"issuer": i.Name, "jwks_uri": scheme + "://" + host + i.KeysPath, "subject_types_supported": []string{"public", "pairwise"},
		"response_types_supported": []string{"id_token"}, "id_token_signing_alg_values_supported": []string{string(i.algorithm)},
	}
}

// ServeHTTP serves the documents.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.asked = append(i.asked, r.Method+" "+r.URL.Path)
	answer := i.answers[r.URL.Path]
	i.mu.Unlock()
	switch {
	case answer != nil:
		answer(w, r)
	case r.URL.Path == i.Discovery():
		_ = json.NewEncoder(w).Encode(i.Document())
	case r.URL.Path == i.KeysPath:
		_, _ = w.Write(i.Keys())
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// Sign returns a token with these claims, signed by the key of that kid.
func (i *Issuer) Sign(kid string, claims map[string]any) string {
	i.t.Helper()
	i.mu.Lock()
	key := i.private[kid]
	i.mu.Unlock()
	options := (&jose.SignerOptions{}).WithType("JWT")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: i.algorithm, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, options)
	if err != nil {
		i.t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return token
}
