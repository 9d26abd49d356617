package auth

import (
	"context"
	"strings"
	"time"
)

// Credentials takes API tokens and, where an issuer is set up, JWTs. Which of the two a bearer is
// can be seen by its form, so that neither is ever tried as the other.
type Credentials struct {
	Tokens *Tokens
	JWTs   *JWTs // nil: every JWT is refused
}

// Authenticate says who the bearer of an Authorization header is at now; Unauthenticated if
// nobody. What it costs is Tokens' and JWTs' to say.
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
