package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// UpdateSecret is secrets.update: it changes a secret's metadata. A new value needs a new version.
func UpdateSecret(e Edge, secrets *store.Store, d Dashboard) Handler {
	return operation[updateRequest]{
		name: "update-secret", scope: auth.Write, read: readUpdate,
		act: func(ctx context.Context, c *Call, r updateRequest) (Response, error) {
			updated, err := secrets.UpdateSecret(ctx, r.secret, r.etag, r.patch, c.Stamp())
			if err != nil {
				return Response{}, err
			}
			return d.seenBy(c).response(http.StatusOK, updated), nil
		},
	}.handler(e)
}

type updateRequest struct {
	secret secret.Ref
	etag   secret.Etag
	patch  store.Patch
}

func readUpdate(in *input) updateRequest {
	return updateRequest{in.Secret(), in.IfMatch(), readPatch(in)}
}
