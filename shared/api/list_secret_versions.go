package api

import (
	"context"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// ListSecretVersions is secrets.listVersions: the versions' metadata, newest first, of a
// soft-deleted secret too.
func ListSecretVersions(e Edge, secrets *store.Store) Handler {
	return e.handler("list-secret-versions", auth.Read, func(ctx context.Context, c *Call) (Answer, error) {
		list := store.ListVersions{
			Secret: c.Secret(),
			State:  choice(c, "state", "", secret.Enabled, secret.Disabled, secret.Destroyed),
			Limit:  c.Limit(),
		}
		cursor := c.Cursor(list.IsPlace, list.Secret.Workspace, list.Secret.ID, string(list.State))
		list.After = cursor.after
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		data := newPageData(newVersionJSON)
		_, page, err := both(
			func() (secret.Secret, error) { return secrets.GetSecret(ctx, list.Secret, c.Now) },
			func() (store.Page[secret.Version], error) { return secrets.ListVersions(ctx, list, data.room) },
		)
		if err != nil {
			return Answer{}, err
		}
		return listAnswer(page, cursor, data), nil
	})
}
