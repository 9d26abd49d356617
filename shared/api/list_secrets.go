package api

import (
	"context"
	"net/http"
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
		cursor := c.Cursor(c.Workspace, string(list.State), string(list.Kind))
		list.After = cursor.after
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		page, err := secrets.ListSecrets(ctx, list, c.Now)
		if err != nil {
			return Answer{}, err
		}
		return listAnswer(page, cursor, d.secretJSON), nil
	})
}

// listJSON is the contract's SecretList and SecretVersionList.
type listJSON[T any] struct {
	Data       []T     `json:"data"`
	HasMore    bool    `json:"has_more"`
	NextCursor *string `json:"next_cursor"` // null on the last page
}

func listAnswer[T, J any](p store.Page[T], c cursor, body func(T) J) Answer {
	list := listJSON[J]{Data: make([]J, 0, len(p.Items)), HasMore: p.Next != ""}
	for _, item := range p.Items {
		list.Data = append(list.Data, body(item))
	}
	if list.HasMore {
		next := c.at(p.Next)
		list.NextCursor = &next
	}
	return answer(http.StatusOK, list)
}
