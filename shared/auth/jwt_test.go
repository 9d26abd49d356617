package auth_test

import (
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"keepsake/shared/auth"
	"keepsake/shared/fault"
)

func TestAJWTOfTheIssuerIsTakenUnderEachAlgorithm(t *testing.T) {
	i := newIssuer(t)
	i.publish("rsa", rsaKey(t, 2048))
	i.publish("ec", ecKey(t, elliptic.P256()), func(k *jose.JSONWebKey) { k.Algorithm = "ES256" })
	c := i.verifier()
	for kid, algorithm := range map[string]jose.SignatureAlgorithm{"rsa": jose.RS256, "ec": jose.ES256, "ed": jose.EdDSA} {
		p, err := ask(c, i.sign(kid, algorithm, claims(nil)), start)
		if err != nil || p.ID != "jwt:ci-bot" || p.Workspace != "ws_a" || len(p.Workspaces) != 0 ||
			!slices.Equal(p.Scopes, []auth.Scope{auth.Read}) || !p.ExpiresAt.Equal(start.Add(time.Hour)) {
			t.Errorf("%s: %+v, %v", algorithm, p, err)
		}
	}
	if n := i.fetched(); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

func TestClaimsThatDoNotFitAreRefused(t *testing.T) {
	i := newIssuer(t)
	c := i.verifier()
	at := func(offset time.Duration) int64 { return start.Add(offset).Unix() }
	for name, changes := range map[string]map[string]any{
		"another issuer":          {"iss": "https://other.example"},
		"the issuer with a slash": {"iss": issuerName + "/"},
		"no issuer":               {"iss": nil},
		"another audience":        {"aud": []string{"other", "keepsake2"}},
		"no audience":             {"aud": nil},
		"expired":                 {"exp": at(-61 * time.Second)},
		"no expiry":               {"exp": nil},
		"not yet valid":           {"nbf": at(61 * time.Second)},
		"issued in the future":    {"iat": at(61 * time.Second)},
		"no subject":              {"sub": nil},
		"a long subject":          {"sub": strings.Repeat("é", 201)},
		"two workspace claims":    {"akua_workspaces": []string{"ws_b"}},
		"a scope of another type": {"scope": []string{"secrets:read"}},
		"an expiry that is text":  {"exp": "tomorrow"},
	} {
		p, err := ask(c, i.good(changes), start)
		if fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func TestClocksMayBeAMinuteApart(t *testing.T) {
	i := newIssuer(t)
	c := i.verifier()
	for name, changes := range map[string]map[string]any{
		"expired":  {"exp": start.Add(-time.Minute).Unix()},
		"nbf":      {"nbf": start.Add(time.Minute).Unix()},
		"iat":      {"iat": start.Add(time.Minute).Unix()},
		"the list": {"aud": []string{"other", audience}},
	} {
		if _, err := ask(c, i.good(changes), start); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsNotSignedByThePublishedKeyIsRefusedAndNotQuoted(t *testing.T) {
	i := newIssuer(t)
	rsa, ec := rsaKey(t, 2048), ecKey(t, elliptic.P256())
	i.publish("rsa", rsa)
	i.publish("rsa-512", rsaKey(t, 2048), func(k *jose.JSONWebKey) { k.Algorithm = "RS512" })
	i.publish("rsa-weak", rsaKey(t, 1024))
	i.publish("ec", ec)
	i.publish("ec-384", ecKey(t, elliptic.P384()))
	i.publish("enc", ecKey(t, elliptic.P256()), func(k *jose.JSONWebKey) { k.Use = "enc" })
	i.publish("ed-as-rsa", i.private["ed"], func(k *jose.JSONWebKey) { k.Algorithm = "RS256" })
	pem := x509.MarshalPKCS1PublicKey(&rsa.PublicKey)
	good := i.good(nil)
	parts := strings.Split(good, ".")
	tokens := map[string]string{
		"another key under the kid":     signWith(t, ecKey(t, elliptic.P256()), "ec", jose.ES256, claims(nil)),
		"an unknown kid":                signWith(t, ec, "nobody", jose.ES256, claims(nil)),
		"no kid":                        signWith(t, ec, "", jose.ES256, claims(nil)),
		"none":                          unsigned(claims(nil)),
		"HMAC with the public key":      signWith(t, pem, "rsa", jose.HS256, claims(nil)),
		"PS256":                         i.sign("rsa", jose.PS256, claims(nil)),
		"RS512":                         i.sign("rsa-512", jose.RS512, claims(nil)),
		"RS256 under a key for RS512":   i.sign("rsa-512", jose.RS256, claims(nil)),
		"a short RSA key":               i.sign("rsa-weak", jose.RS256, claims(nil)),
		"ES384":                         i.sign("ec-384", jose.ES384, claims(nil)),
		"a key for encryption":          i.sign("enc", jose.ES256, claims(nil)),
		"a key published for another":   i.sign("ed-as-rsa", jose.EdDSA, claims(nil)),
		"the header of another":         header(i.sign("rsa", jose.RS256, claims(nil))) + "." + parts[1] + "." + parts[2],
		"changed claims":                parts[0] + "." + strings.Split(i.good(map[string]any{"sub": "root"}), ".")[1] + "." + parts[2],
		"no signature":                  parts[0] + "." + parts[1] + ".",
		"a signature with a byte more":  good + "AA",
		"two parts":                     parts[0] + "." + parts[1],
		"five parts":                    good + ".." + parts[2],
		"parts that are no base64":      "a.b.c",
		"three empty parts":             "..",
		"a token within spaces":         "x " + good,
		"an issuer's key in the header": embedded(t, claims(nil)),
	}
	c := i.verifier()
	for name, token := range tokens {
		p, err := ask(c, token, start)
		if fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%s: %+v, %v", name, p, err)
			continue
		}
		for part := range strings.SplitSeq(token, ".") {
			if len(part) > 1 && strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "ci-bot") {
				t.Errorf("%s: the error quotes the token: %v", name, err)
			}
		}
	}
	if _, err := ask(c, good, start); err != nil {
		t.Errorf("the token that all of these are made from: %v", err)
	}
}

func TestScopesAndWorkspacesComeFromTheClaims(t *testing.T) {
	i := newIssuer(t)
	c := i.verifier()
	for name, tc := range map[string]struct {
		changes map[string]any
		owner   string
		broad   []string
		scopes  []auth.Scope
	}{
		"all scopes and others": {
			map[string]any{"scope": "openid secrets:access  secrets:restore secrets:audit secrets:write secrets:read secrets:"},
			"ws_a", nil, auth.Scopes,
		},
		"no scope": {map[string]any{"scope": nil}, "ws_a", nil, nil},
		"broad": {
			map[string]any{"akua_workspace": nil, "akua_workspaces": []string{"ws_b", "x", "ws_#", "ws_c"}},
			"", []string{"ws_b", "ws_c"}, []auth.Scope{auth.Read},
		},
		"no workspace's name": {map[string]any{"akua_workspace": "ws_a#sec"}, "", nil, []auth.Scope{auth.Read}},
		"none":                {map[string]any{"akua_workspace": nil}, "", nil, []auth.Scope{auth.Read}},
	} {
		p, err := ask(c, i.good(tc.changes), start)
		if err != nil || p.Workspace != tc.owner || !slices.Equal(p.Workspaces, tc.broad) || len(p.Scopes) != len(tc.scopes) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		for _, scope := range tc.scopes {
			if p.May(scope) != nil {
				t.Errorf("%s: %s is missing", name, scope)
			}
		}
	}
}

func TestWithoutAnIssuerAJWTIsRefused(t *testing.T) {
	i := newIssuer(t)
	if _, err := ask(auth.Credentials{}, i.good(nil), start); fault.KindOf(err) != fault.Unauthenticated {
		t.Error(err)
	}
	if n := i.fetched(); n != 0 {
		t.Errorf("%d fetches", n)
	}
}

// unsigned is a token with the algorithm none.
func unsigned(c map[string]any) string {
	encoded, _ := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"ed"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(encoded) + "."
}

// embedded is a token that brings the key to check it with.
func embedded(t *testing.T, c map[string]any) string {
	t.Helper()
	key := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: ecKey(t, elliptic.P256()), KeyID: "ec"}}
	signer, err := jose.NewSigner(key, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	encoded, _ := json.Marshal(c)
	signed, err := signer.Sign(encoded)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func header(token string) string { return strings.Split(token, ".")[0] }
