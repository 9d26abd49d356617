package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// changeVersion is what enable, disable and destroy share. Only enable takes an idempotency key: if
// another caller disables the version again, a late retry of the enable would undo that.
func changeVersion(e Edge, secrets *store.Store, name string, to secret.VersionState) Handler {
	return operation[store.ChangeVersion]{
		name: name, scope: auth.Write,
		read: func(in *input) store.ChangeVersion {
			change := store.ChangeVersion{Version: in.Version(in.Secret()), To: to, IfMatch: in.IfMatch()}
			if to == secret.Enabled {
				change.Key = in.IdempotencyKey()
			}
			in.NoBody()
			return change
		},
		act: func(ctx context.Context, c *Call, change store.ChangeVersion) (Response, error) {
			changed, err := secrets.ChangeVersion(ctx, change, c.Stamp())
			if err != nil {
				return Response{}, err
			}
			return versionResponse(http.StatusOK, changed), nil
		},
	}.handler(e)
}
