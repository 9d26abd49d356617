package auth

import (
	"context"
	"strings"
	"time"
)

// Credentials accepts API tokens; JWTs of the issuer that is set up, if one is; and JWTs that a trust takes. The
// form of a bearer shows whether it is a token or a JWT, and a JWT's issuer which kind of JWT it is. None is ever
// tried as another.
type Credentials struct {
	Tokens *Tokens
	JWTs   *JWTs   // nil: no issuer is set up
	Trusts *Trusts // nil: there are none
}

// Authenticate returns whose credential an Authorization header holds at now, or
// Unauthenticated. Tokens, JWTs and Trusts say what it costs.
func (c Credentials) Authenticate(ctx context.Context, authorization string, now time.Time) (Principal, error) {
	token, ok := bearer(authorization)
	switch {
	case !ok:
		return Principal{}, noBearer()
	case strings.HasPrefix(token, tokenPrefix):
		return c.Tokens.Authenticate(ctx, authorization, now)
	case isJWT(token) && c.JWTs != nil && (c.Trusts == nil || issuerOf(token) == c.JWTs.issuer.Name):
		return c.JWTs.Authenticate(ctx, authorization, now)
	case isJWT(token) && c.Trusts != nil:
		return c.Trusts.Authenticate(ctx, authorization, now)
	}
	return Principal{}, unauthenticated()
}

// isJWT reports whether token has the three parts of a signed JWT. An API token has no dots.
func isJWT(token string) bool { return strings.Count(token, ".") == 2 }
