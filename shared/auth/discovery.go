package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

const (
	maxDiscovery = 64 << 10 // bytes
	maxIssuer    = 255      // characters
	maxKeys      = 100
)

// CheckIssuer returns an error unless name can be an issuer whose keys are found by discovery: https, with a
// host, and without anything behind the path. A loopback address needs no TLS.
func CheckIssuer(name string) error {
	u, err := url.Parse(name)
	switch {
	case err != nil || len(name) > maxIssuer || u.Host == "" || u.User != nil || strings.ContainsAny(name, "?# "):
		return errors.New("must be the URL of an issuer, exactly as in its tokens' iss, like https://token.actions.githubusercontent.com")
	case u.Scheme != "https" && (u.Scheme != "http" || !IsLoopback(u.Hostname())):
		return errors.New("must begin with https://")
	}
	return nil
}

// IsLoopback reports whether host is this machine.
func IsLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// discoverKeys reads an issuer's keys from where its own document says that they are. The document
// must be the issuer's, and the keys on the issuer's own host: it cannot make us ask another.
func discoverKeys(ctx context.Context, client *http.Client, issuer string) (map[keyName]any, error) {
	if err := CheckIssuer(issuer); err != nil {
		return nil, fmt.Errorf("the issuer %w", err)
	}
	content, err := download(ctx, client, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", maxDiscovery)
	if err != nil {
		return nil, err
	}
	var document struct {
		Issuer  string `json:"issuer"`
		KeysURL string `json:"jwks_uri"`
	}
	if json.Unmarshal(content, &document) != nil || document.Issuer != issuer {
		return nil, fmt.Errorf("the document of %s is not of this issuer", issuer)
	}
	if !sameHost(issuer, document.KeysURL) {
		return nil, fmt.Errorf("the keys of %s are on another host", issuer)
	}
	content, err = download(ctx, client, document.KeysURL, maxKeySet)
	if err != nil {
		return nil, err
	}
	return parseIssuersKeys(content)
}

// parseIssuersKeys is parseKeys, with a bound on the number of keys. The library bounds their length: to verify
// with a key of megabits takes seconds.
func parseIssuersKeys(content []byte) (map[keyName]any, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(content, &set) == nil && len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("it has more than %d keys", maxKeys)
	}
	return parseKeys(content)
}

// sameHost reports whether two URLs have one scheme, host and port, and the second no user.
func sameHost(a, b string) bool {
	first, err := url.Parse(a)
	if err != nil {
		return false
	}
	second, err := url.Parse(b)
	return err == nil && first.Scheme == second.Scheme && first.Host == second.Host && second.User == nil && second.Opaque == ""
}
