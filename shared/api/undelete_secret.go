package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/store"
)

// UndeleteSecret is secrets.undelete: until its purge deadline a soft-deleted secret comes back
// whole. It needs no key service: nothing was decrypted, nothing has to be sealed again.
func UndeleteSecret(e Edge, secrets *store.Store, d Dashboard) Handler {
	return e.handler("undelete-secret", auth.Write, func(ctx context.Context, c *Call) (Answer, error) {
		ref, etag, key := c.Secret(), c.IfMatch(), c.IdempotencyKey()
		c.NoBody()
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		restored, err := secrets.UndeleteSecret(ctx, ref, etag, key, c.Stamp(), e.Now)
		if err != nil {
			return Answer{}, err
		}
		return d.answer(http.StatusOK, restored), nil
	})
}
