package auth

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4/jwt"
)

// maxTrustSubject is the longest subject of a trusted token, in characters: a role's ARN may have 600.
const maxTrustSubject = 700

// trustClaims are what a token of a trusted issuer says: the registered claims, what Cognito writes instead of an
// audience, and all of them by name.
type trustClaims struct {
	jwt.Claims
	ClientID string `json:"client_id"`
	Use      string `json:"token_use"`
	all      map[string]json.RawMessage
}

// isFor reports whether the token is for an audience. An access token of Cognito's has no aud; its client_id is
// the client that it was made for, which is the aud of Cognito's id tokens.
func (c trustClaims) isFor(audience string) bool {
	if _, has := c.all["aud"]; has || c.Use != "access" {
		return slices.Contains(c.Audience, audience)
	}
	return c.ClientID == audience
}

// check returns Unauthenticated unless the token is of issuer, valid at now, and names its subject.
func (c trustClaims) check(issuer string, now time.Time) error {
	switch {
	case c.Expiry == nil:
		return refused("it has no exp")
	case c.Subject == "" || utf8.RuneCountInString(c.Subject) > maxTrustSubject || strings.ContainsFunc(c.Subject, unicode.IsControl):
		return refused("its sub has not 1 to 700 characters, or has one that controls a terminal")
	case c.ValidateWithLeeway(jwt.Expected{Issuer: issuer, Time: now}, leeway) != nil:
		return refused("its iss, exp, nbf or iat does not fit")
	}
	return nil
}

// find returns the claim of that name. A dot leads into an object: kubernetes.io.namespace is namespace in
// kubernetes.io.
func find(claims map[string]json.RawMessage, name string) (json.RawMessage, bool) {
	if value, ok := claims[name]; ok {
		return value, true
	}
	for i := range len(name) {
		if name[i] != '.' {
			continue
		}
		var inner map[string]json.RawMessage
		if json.Unmarshal(claims[name[:i]], &inner) != nil {
			continue
		}
		if value, ok := find(inner, name[i+1:]); ok {
			return value, true
		}
	}
	return nil, false
}

// claimFits reports whether a claim's value fits the pattern: a text, a number or a truth value as it is
// written, or one text of a list.
func claimFits(pattern string, value json.RawMessage) bool {
	var text string
	if json.Unmarshal(value, &text) == nil && value[0] == '"' {
		return fits(pattern, text)
	}
	var list []string
	if json.Unmarshal(value, &list) == nil {
		return slices.ContainsFunc(list, func(entry string) bool { return fits(pattern, entry) })
	}
	return strings.ContainsAny(string(value[:1]), "-0123456789tf") && fits(pattern, string(value))
}

// issuerOf returns what a JWT says is its issuer, or "". Nothing is verified: it only says whose keys to verify
// the token with.
func issuerOf(token string) string {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, _ := strings.Cut(rest, ".")
	content, err := base64.RawURLEncoding.DecodeString(payload)
	var c struct {
		Issuer string `json:"iss"`
	}
	if err != nil || json.Unmarshal(content, &c) != nil {
		return ""
	}
	return c.Issuer
}
