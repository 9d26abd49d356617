package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// DeleteSecret is secrets.delete: it hides a secret for the retention, after which the secret is gone.
// With force it is gone now, and its payloads are destroyed before the response.
func DeleteSecret(e Edge, secrets *store.Store, retention time.Duration) Handler {
	return operation[deleteRequest]{
		name: "delete-secret", scope: auth.Write, read: readDelete,
		act: func(ctx context.Context, c *Call, r deleteRequest) (Response, error) {
			if r.force {
				return e.hardDelete(ctx, c, secrets, r)
			}
			etag, err := secrets.DeleteSecret(ctx, r.secret, r.etag, c.Now.Add(retention), c.Stamp())
			if err != nil {
				return Response{}, err
			}
			return empty(http.StatusNoContent, etag), nil
		},
	}.handler(e)
}

type deleteRequest struct {
	secret secret.Ref
	etag   secret.Etag
	force  bool
}

func readDelete(in *input) deleteRequest {
	r := deleteRequest{in.Secret(), in.IfMatch(), in.Flag("force")}
	in.NoBody()
	return r
}

// hardDelete first marks the secret, which cannot be undone, then erases it. If erasing fails, the
// deletion still counts and the schedule erases the rest within minutes. The response is then a success:
// the caller could do nothing about the failure.
func (e Edge) hardDelete(ctx context.Context, c *Call, secrets *store.Store, r deleteRequest) (Response, error) {
	if err := secrets.MarkForce(ctx, r.secret, r.etag, c.Stamp(), e.Now); err != nil {
		return Response{}, err
	}
	if _, err := secrets.Purge(ctx, r.secret); err != nil {
		e.Log.LogAttrs(ctx, slog.LevelError, "a hard delete is left to the schedule",
			append(c.subjectAttrs(), slog.String("operation", c.operation), slog.String("error", err.Error()))...)
	}
	return Response{status: http.StatusNoContent}, nil
}
