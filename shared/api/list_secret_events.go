package api

import (
	"context"

	"keepsake/shared/audit"
	"keepsake/shared/auth"
	"keepsake/shared/store"
)

// ListSecretEvents is Keepsake's own secrets.listEvents: it returns a secret's audit trail, newest first:
// each change, and each attempt to read a value. The trail is there after the purge too. If nobody has read
// or changed a secret of that id, or the lines are not written yet, the page is empty.
func ListSecretEvents(e Edge, trail *audit.Reader) Handler {
	return operation[listEventsRequest]{
		name: "list-secret-events", scope: auth.Audit, read: readListEvents,
		act: func(ctx context.Context, c *Call, r listEventsRequest) (Response, error) {
			page, err := listEvents(ctx, trail, r.List)
			if err != nil {
				return Response{}, err
			}
			data := newPageData(newEventJSON)
			for _, entry := range page.Items {
				data.room(entry) // always: a hundred lines are far below the bound
			}
			return listResponse(page, r.cursor, data), nil
		},
	}.handler(e)
}

type listEventsRequest struct {
	audit.List
	cursor cursor
}

func readListEvents(in *input) listEventsRequest {
	list := audit.List{Secret: in.Secret(), Limit: in.Limit()}
	cursor := in.Cursor(list.IsPosition, list.Secret.Workspace, list.Secret.ID)
	list.After = cursor.after
	return listEventsRequest{list, cursor}
}

func listEvents(ctx context.Context, trail *audit.Reader, l audit.List) (page store.Page[audit.Entry], err error) {
	if !l.Secret.Plausible() {
		return page, nil
	}
	entries, more, err := trail.List(ctx, l)
	page.Items = entries
	if more {
		page.Next = entries[len(entries)-1].ID
	}
	return page, err
}
