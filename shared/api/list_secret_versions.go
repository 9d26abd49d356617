package api

import (
	"context"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// ListSecretVersions is secrets.listVersions: it returns the versions' metadata, newest first, also of a
// soft-deleted secret.
func ListSecretVersions(e Edge, secrets *store.Store) Handler {
	return operation[listVersionsRequest]{
		name: "list-secret-versions", scope: auth.Read, read: readListVersions,
		act: func(ctx context.Context, c *Call, r listVersionsRequest) (Response, error) {
			data := newPageData(newVersionJSON)
			_, page, err := inParallel(
				func() (secret.Secret, error) { return secrets.GetSecret(ctx, r.Secret, c.Now) },
				func() (store.Page[secret.Version], error) {
					return secrets.ListVersions(ctx, r.ListVersions, data.room)
				},
			)
			if err != nil {
				return Response{}, err
			}
			return listResponse(page, r.cursor, data), nil
		},
	}.handler(e)
}

type listVersionsRequest struct {
	store.ListVersions
	cursor cursor
}

func readListVersions(in *input) listVersionsRequest {
	list := store.ListVersions{
		Secret: in.Secret(),
		State:  choice(in, "state", "", secret.Enabled, secret.Disabled, secret.Destroyed),
		Limit:  in.Limit(),
	}
	cursor := in.Cursor(list.IsPosition, list.Secret.Workspace, list.Secret.ID, string(list.State))
	list.After = cursor.after
	return listVersionsRequest{list, cursor}
}
