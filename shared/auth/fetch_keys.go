package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	fetchTimeout = 2 * time.Second
	maxKeySet    = 256 << 10 // bytes
	minRSA       = 2048      // bits
)

// keyName is how a token names the key that signed it. The algorithm is part of the
// name, so that a key is never used with another algorithm.
type keyName struct {
	id        string
	algorithm jose.SignatureAlgorithm
}

var keyClient = newKeyClient(http.DefaultTransport)

func newKeyClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: transport,
		Timeout:   fetchTimeout,
		// If a key set moves, the configuration must change.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// fetchKeys reads the JWK set at url.
func fetchKeys(ctx context.Context, url string) (map[keyName]any, error) {
	content, err := download(ctx, keyClient, url, maxKeySet)
	if err != nil {
		return nil, err
	}
	return parseKeys(content)
}

// download reads at most limit bytes of what is at url.
func download(ctx context.Context, client *http.Client, url string, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d", url, response.StatusCode)
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, limit))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", url, err)
	}
	return content, nil
}

// parseKeys reads a JWK set. It skips keys that cannot sign a token for us: an
// issuer may publish others for other purposes.
func parseKeys(content []byte) (map[keyName]any, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(content, &set) != nil || set.Keys == nil {
		return nil, errors.New("not a JWK set")
	}
	keys := map[keyName]any{}
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(raw) != nil || key.KeyID == "" || key.Use != "" && key.Use != "sig" {
			continue
		}
		algorithm := algorithmOf(key.Key)
		if algorithm == "" || key.Algorithm != "" && key.Algorithm != string(algorithm) {
			continue
		}
		keys[keyName{key.KeyID, algorithm}] = key.Key
	}
	return keys, nil
}

// algorithmOf returns the one algorithm that we use a public key with, or "" if we do not use
// the key: it is weak, of another type, or private.
func algorithmOf(key any) jose.SignatureAlgorithm {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() >= minRSA {
			return jose.RS256
		}
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return jose.ES256
		case elliptic.P384():
			return jose.ES384
		}
	case ed25519.PublicKey:
		return jose.EdDSA
	}
	return ""
}
