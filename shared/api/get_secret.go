package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// GetSecret is secrets.get: it returns a secret's metadata. A soft-deleted secret is shown too, with the
// etag that an undelete needs; with the scope secrets:restore alone, only such a secret is shown.
func GetSecret(e Edge, secrets *store.Store, d Dashboard) Handler {
	return operation[secret.Ref]{
		name: "get-secret", scope: auth.Read, or: []auth.Scope{auth.Restore}, read: (*input).Secret,
		act: func(ctx context.Context, c *Call, ref secret.Ref) (Response, error) {
			found, err := secrets.GetSecret(ctx, ref, c.Now)
			if err != nil {
				return Response{}, err
			}
			if refusal := c.maySee(found.State); refusal != nil {
				return Response{}, refusal
			}
			return d.seenBy(c).response(http.StatusOK, found), nil
		},
	}.handler(e)
}
