package api

import (
	"context"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// UndeleteSecret is secrets.undelete: it brings a soft-deleted secret back whole, until its purge
// deadline. It needs no key service, because a delete does not touch the ciphertext.
func UndeleteSecret(e Edge, secrets *store.Store, d Dashboard) Handler {
	return operation[undeleteRequest]{
		name: "undelete-secret", scope: auth.Write, or: []auth.Scope{auth.Restore}, read: readUndelete,
		act: func(ctx context.Context, c *Call, r undeleteRequest) (Response, error) {
			restored, err := secrets.UndeleteSecret(ctx, r.secret, r.etag, r.key, c.Stamp(), e.Now)
			if err != nil {
				return Response{}, err
			}
			return d.seenBy(c).response(http.StatusOK, restored), nil
		},
	}.handler(e)
}

type undeleteRequest struct {
	secret secret.Ref
	etag   secret.Etag
	key    string // empty: none
}

func readUndelete(in *input) undeleteRequest {
	r := undeleteRequest{in.Secret(), in.IfMatch(), in.IdempotencyKey()}
	in.NoBody()
	return r
}
