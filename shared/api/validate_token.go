package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
)

// Provider says whether its credential is valid, and if not, why. The error is Unavailable if the provider
// cannot be reached.
type Provider interface {
	Validate(context.Context, secret.Value) (valid bool, reason string, err error)
}

// ValidateToken is secrets.validateToken: it asks a provider whether a token is valid, before anybody
// stores it. The token is not stored.
func ValidateToken(e Edge, hcloud Provider) Handler {
	return operation[tokenBody]{
		name: "validate-token", scope: auth.Write, read: readTokenBody,
		act: func(ctx context.Context, _ *Call, r tokenBody) (Response, error) {
			valid, reason, err := hcloud.Validate(ctx, r.token)
			if err != nil {
				return Response{}, err
			}
			return withBody(http.StatusOK, tokenJSON{Valid: valid, Error: reason}), nil
		},
	}.handler(e)
}
