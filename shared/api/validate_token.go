package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
)

// Provider says whether a credential for it is valid, and if not, why; Unavailable if it cannot be
// asked.
type Provider interface {
	Validate(context.Context, secret.Value) (valid bool, reason string, err error)
}

// hcloudProvider is the one provider that a token can be validated with, as clients name it.
const hcloudProvider = "hcloud"

type verdictJSON struct {
	Valid bool   `json:"valid"`
	Error string `json:"error,omitempty"`
}

// ValidateToken is secrets.validateToken: it asks a provider about a token before anybody stores
// it. The token is kept nowhere.
func ValidateToken(e Edge, hcloud Provider) Handler {
	return e.handler("validate-token", auth.Write, func(ctx context.Context, c *Call) (Answer, error) {
		token := readTokenToValidate(c)
		defer token.Wipe()
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		valid, reason, err := hcloud.Validate(ctx, token)
		if err != nil {
			return Answer{}, err
		}
		return answer(http.StatusOK, verdictJSON{Valid: valid, Error: reason}), nil
	})
}

func readTokenToValidate(c *Call) secret.Value {
	body := c.Body()
	defer body.End()
	if provider, ok := body.take("provider", true); ok && provider != hcloudProvider {
		body.invalid("provider", `must be "`+hcloudProvider+`"`)
	}
	return body.Value("token")
}
