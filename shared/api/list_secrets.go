package api

import (
	"context"
	"slices"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// ListSecrets is secrets.list: metadata of the workspace's active secrets, or of those that can
// still be restored.
func ListSecrets(e Edge, secrets *store.Store, d Dashboard) Handler {
	return e.handler("list-secrets", auth.Read, func(ctx context.Context, c *Call) (Answer, error) {
		list := store.ListSecrets{
			Workspace: c.Workspace,
			State:     choice(c, "state", secret.Active, secret.SoftDeleted),
			Kind:      choice(c, "kind", slices.Concat([]secret.Kind{"", secret.CloudCredential}, secret.Kinds)...),
			Limit:     c.Limit(),
		}
		cursor := c.Cursor(list.IsPlace, c.Workspace, string(list.State), string(list.Kind))
		list.After = cursor.after
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		data := newPageData(d.secretJSON)
		page, err := secrets.ListSecrets(ctx, list, data.room, c.Now)
		if err != nil {
			return Answer{}, err
		}
		return listAnswer(page, cursor, data), nil
	})
}
