package api

import (
	"context"
	"slices"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// ListSecrets is secrets.list: it returns the metadata of the workspace's active secrets, or of those
// that can still be restored. The scope secrets:restore alone is enough for those.
func ListSecrets(e Edge, secrets *store.Store, d Dashboard) Handler {
	return operation[listSecretsRequest]{
		name: "list-secrets", scope: auth.Read, or: []auth.Scope{auth.Restore}, read: readListSecrets,
		act: func(ctx context.Context, c *Call, r listSecretsRequest) (Response, error) {
			if refusal := c.maySee(r.State); refusal != nil {
				return Response{}, refusal
			}
			data := newPageData(d.seenBy(c).secretJSON)
			page, err := secrets.ListSecrets(ctx, r.ListSecrets, data.room, c.Now)
			if err != nil {
				return Response{}, err
			}
			return listResponse(page, r.cursor, data), nil
		},
	}.handler(e)
}

type listSecretsRequest struct {
	store.ListSecrets
	cursor cursor
}

func readListSecrets(in *input) listSecretsRequest {
	list := store.ListSecrets{
		Workspace: in.call.Workspace,
		State:     choice(in, "state", secret.Active, secret.SoftDeleted),
		Kind:      choice(in, "kind", slices.Concat([]secret.Kind{"", secret.CloudCredential}, secret.Kinds)...),
		Limit:     in.Limit(),
		Label:     in.Label(),
	}
	list.Name, list.NamePrefix = in.Names()
	cursor := in.Cursor(list.IsPosition, list.Workspace, string(list.State), string(list.Kind)+filterOf(list))
	list.After = cursor.after
	return listSecretsRequest{list, cursor}
}
