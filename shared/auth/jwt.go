package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"keepsake/shared/fault"
)

const (
	// leeway is how far an issuer's clock and ours may be apart.
	leeway = time.Minute
	// maxSubject is the longest subject, in characters: it goes into every row and audit line.
	maxSubject = 200
)

// algorithms are those that may sign a JWT. All are asymmetric: with a shared key, anyone who
// can check a token can make one.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA}

// Issuer says whose JWTs we accept.
type Issuer struct {
	Name     string // the claim iss, exactly
	Audience string // one of the claim aud's entries, exactly
	KeysURL  string // where the issuer publishes its keys, as a JWK set
}

// JWTs accepts one issuer's OAuth2 access tokens in JWT form. It holds the issuer's keys.
type JWTs struct {
	issuer Issuer
	keys   *keySet
}

// NewJWTs returns JWTs for issuer. It fetches no keys before the first one.
func NewJWTs(issuer Issuer) *JWTs {
	return &JWTs{issuer: issuer, keys: newKeySet(issuer.KeysURL)}
}

// claims are what a token says. jwt.Claims has the registered ones.
type claims struct {
	jwt.Claims
	Scope      string   `json:"scope"`           // separated by spaces
	Workspace  string   `json:"akua_workspace"`  // the one that owns the credential, or
	Workspaces []string `json:"akua_workspaces"` // those that it may act in
}

// Authenticate returns whose JWT an Authorization header holds. Unauthenticated unless it is a
// JWT from the issuer, for us, valid at now; Unavailable if it needs the issuer's keys and
// cannot get them. At most one fetch of the keys; usually none.
func (j *JWTs) Authenticate(ctx context.Context, authorization string, now time.Time) (Principal, error) {
	text, ok := bearer(authorization)
	if !ok || !isJWT(text) {
		return Principal{}, unauthenticated()
	}
	// The library's errors may quote the token, so we drop them.
	token, err := jwt.ParseSigned(text, algorithms)
	if err != nil {
		return Principal{}, refused("not a JWT that is signed by RS256, ES256 or EdDSA")
	}
	header := token.Headers[0]
	key, err := j.keys.find(ctx, keyName{header.KeyID, jose.SignatureAlgorithm(header.Algorithm)}, now)
	if err != nil {
		return Principal{}, err
	}
	var c claims
	if token.Claims(key, &c) != nil {
		return Principal{}, refused("the signature is wrong, or the claims cannot be read")
	}
	if err := j.check(c, now); err != nil {
		return Principal{}, err
	}
	return c.principal(), nil
}

// check returns Unauthenticated unless c is for us, valid at now, and names its subject.
func (j *JWTs) check(c claims, now time.Time) error {
	expected := jwt.Expected{Issuer: j.issuer.Name, AnyAudience: jwt.Audience{j.issuer.Audience}, Time: now}
	switch {
	case c.Expiry == nil:
		return refused("it has no exp")
	case c.Subject == "" || utf8.RuneCountInString(c.Subject) > maxSubject:
		return refused("its sub has not 1 to 200 characters")
	case c.Workspace != "" && c.Workspaces != nil:
		return refused("it has both akua_workspace and akua_workspaces")
	case c.ValidateWithLeeway(expected, leeway) != nil:
		return refused("its iss, aud, exp, nbf or iat does not fit")
	}
	return nil
}

// principal returns the token's subject. Scopes that we do not know belong to other services. It
// drops names that no workspace can have: workspaces are part of keys in the database.
func (c claims) principal() Principal {
	p := Principal{ID: "jwt:" + c.Subject, ExpiresAt: c.Expiry.Time().UTC()}
	if IsWorkspace(c.Workspace) {
		p.Workspace = c.Workspace
	}
	for _, workspace := range c.Workspaces {
		if IsWorkspace(workspace) {
			p.Workspaces = append(p.Workspaces, workspace)
		}
	}
	granted := strings.Fields(c.Scope)
	for _, scope := range Scopes {
		if slices.Contains(granted, string(scope)) {
			p.Scopes = append(p.Scopes, scope)
		}
	}
	return p
}

// refused is unauthenticated with a reason, for the log only. why is fixed text: no part of a
// token is ever logged.
func refused(why string) error {
	return &fault.Error{
		Kind: fault.Unauthenticated, Message: unauthenticatedMessage, Cause: errors.New("jwt: " + why),
	}
}
