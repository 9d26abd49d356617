package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/store"
)

// GetSecret is secrets.get: a secret's metadata. Of a soft-deleted one too: that is where a
// caller reads the etag that brings it back.
func GetSecret(e Edge, secrets *store.Store, d Dashboard) Handler {
	return e.handler("get-secret", auth.Read, func(ctx context.Context, c *Call) (Answer, error) {
		ref := c.Secret()
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		found, err := secrets.GetSecret(ctx, ref, c.Now)
		if err != nil {
			return Answer{}, err
		}
		return d.answer(http.StatusOK, found), nil
	})
}
