package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
)

// Provider says whether a credential for it is valid, and if not, why. It fails as Unavailable if the
// provider cannot be asked.
type Provider interface {
	Validate(context.Context, secret.Value) (valid bool, reason string, err error)
}

// ValidateToken is secrets.validateToken: it asks a provider about a token before anybody stores
// it. The token is kept nowhere.
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
