package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// GetSecret is secrets.get: a secret's metadata, of a soft-deleted secret too: a caller reads here the
// etag that an undelete needs.
func GetSecret(e Edge, secrets *store.Store, d Dashboard) Handler {
	return operation[secret.Ref]{
		name: "get-secret", scope: auth.Read, read: (*input).Secret,
		act: func(ctx context.Context, c *Call, ref secret.Ref) (Response, error) {
			found, err := secrets.GetSecret(ctx, ref, c.Now)
			if err != nil {
				return Response{}, err
			}
			return d.response(http.StatusOK, found), nil
		},
	}.handler(e)
}
