package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// GetSecretVersion is secrets.getVersion: a version's metadata, of a soft-deleted secret too.
func GetSecretVersion(e Edge, secrets *store.Store) Handler {
	return e.handler("get-secret-version", auth.Read, func(ctx context.Context, c *Call) (Answer, error) {
		ref := c.Secret()
		version := c.Version(ref)
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		_, found, err := both(
			func() (secret.Secret, error) { return secrets.GetSecret(ctx, ref, c.Now) },
			func() (secret.Version, error) { return secrets.GetVersion(ctx, version) },
		)
		if err != nil {
			return Answer{}, err
		}
		return versionAnswer(http.StatusOK, found), nil
	})
}
