package api

import (
	"context"
	"net/http"
	"time"

	"keepsake/shared/auth"
	"keepsake/shared/store"
)

// DeleteSecret is secrets.delete: it hides a secret for the retention, after which it is gone.
func DeleteSecret(e Edge, secrets *store.Store, retention time.Duration) Handler {
	return e.handler("delete-secret", auth.Write, func(ctx context.Context, c *Call) (Answer, error) {
		ref, etag := c.Secret(), c.IfMatch()
		if c.Flag("force") {
			c.invalid("a hard delete is not available in this version: leave force out to delete undoably", "query", "force")
		}
		c.NoBody()
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		etag, err := secrets.DeleteSecret(ctx, ref, etag, c.Now.Add(retention), c.Stamp())
		if err != nil {
			return Answer{}, err
		}
		return empty(http.StatusNoContent, etag), nil
	})
}
