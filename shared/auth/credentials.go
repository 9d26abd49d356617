package auth

import (
	"context"
	"strings"
	"time"
)

// Credentials accepts API tokens and, if an issuer is set up, JWTs. The form of a bearer shows which
// of the two it is, so neither is ever tried as the other.
type Credentials struct {
	Tokens *Tokens
	JWTs   *JWTs // nil: every JWT is refused
}

// Authenticate returns whose credential an Authorization header holds at now, or
// Unauthenticated. Tokens and JWTs say what it costs.
func (c Credentials) Authenticate(ctx context.Context, authorization string, now time.Time) (Principal, error) {
	token, ok := bearer(authorization)
	switch {
	case !ok:
		return Principal{}, noBearer()
	case strings.HasPrefix(token, tokenPrefix):
		return c.Tokens.Authenticate(ctx, authorization, now)
	case isJWT(token) && c.JWTs != nil:
		return c.JWTs.Authenticate(ctx, authorization, now)
	}
	return Principal{}, unauthenticated()
}

// isJWT reports whether token has the three parts of a signed JWT. An API token has no dots.
func isJWT(token string) bool { return strings.Count(token, ".") == 2 }
