package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// GetSecretVersion is secrets.getVersion: it returns a version's metadata, also of a soft-deleted secret.
func GetSecretVersion(e Edge, secrets *store.Store) Handler {
	return operation[getVersionRequest]{
		name: "get-secret-version", scope: auth.Read, read: readGetVersion,
		act: func(ctx context.Context, c *Call, r getVersionRequest) (Response, error) {
			_, found, err := inParallel(
				func() (secret.Secret, error) { return secrets.GetSecret(ctx, r.secret, c.Now) },
				func() (secret.Version, error) { return secrets.GetVersion(ctx, r.version) },
			)
			if err != nil {
				return Response{}, err
			}
			return versionResponse(http.StatusOK, found), nil
		},
	}.handler(e)
}

type getVersionRequest struct {
	secret  secret.Ref
	version secret.VersionRef
}

func readGetVersion(in *input) getVersionRequest {
	ref := in.Secret()
	return getVersionRequest{ref, in.Version(ref)}
}
