package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// changeVersion is what enable, disable and destroy share. An idempotency key counts for enable
// alone: it is the one that another caller may undo, so that a late retry could do harm.
func changeVersion(e Edge, secrets *store.Store, operation string, to secret.VersionState) Handler {
	return e.handler(operation, auth.Write, func(ctx context.Context, c *Call) (Answer, error) {
		change := store.ChangeVersion{Version: c.Version(c.Secret()), To: to, IfMatch: c.IfMatch()}
		if to == secret.Enabled {
			change.Key = c.IdempotencyKey()
		}
		c.NoBody()
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		changed, err := secrets.ChangeVersion(ctx, change, c.Stamp())
		if err != nil {
			return Answer{}, err
		}
		return versionAnswer(http.StatusOK, changed), nil
	})
}
