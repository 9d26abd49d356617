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

// DeleteSecret is secrets.delete: it hides a secret for the retention, after which it is gone. With
// force it is gone now, and its payloads are destroyed before the answer.
func DeleteSecret(e Edge, secrets *store.Store, retention time.Duration) Handler {
	return e.handler("delete-secret", auth.Write, func(ctx context.Context, c *Call) (Answer, error) {
		ref, etag, force := c.Secret(), c.IfMatch(), c.Flag("force")
		c.NoBody()
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		if force {
			return e.hardDelete(ctx, c, secrets, ref, etag)
		}
		etag, err := secrets.DeleteSecret(ctx, ref, etag, c.Now.Add(retention), c.Stamp())
		if err != nil {
			return Answer{}, err
		}
		return empty(http.StatusNoContent, etag), nil
	})
}

// hardDelete marks, which no one can take back, then erases. Should erasing fail, the deletion
// stands, and the schedule erases what is left within minutes: that is no failure to tell the
// caller, who could do nothing about it.
func (e Edge) hardDelete(ctx context.Context, c *Call, secrets *store.Store, ref secret.Ref, etag secret.Etag) (Answer, error) {
	if err := secrets.MarkForce(ctx, ref, etag, c.Stamp(), e.Now); err != nil {
		return Answer{}, err
	}
	if _, err := secrets.Purge(ctx, ref); err != nil {
		e.Log.LogAttrs(ctx, slog.LevelError, "a hard delete is left to the schedule",
			append(c.subjectAttrs(), slog.String("operation", c.operation), slog.String("error", err.Error()))...)
	}
	return Answer{status: http.StatusNoContent}, nil
}
