package api

import (
	"context"

	"keepsake/shared/audit"
	"keepsake/shared/auth"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// trailReads is how many secrets' trails a page asks for at a time. A function opens a connection for each.
const trailReads = 16

// ListTrash is Keepsake's own trash.list: it returns the soft-deleted secrets, the soonest deadline first, each
// with who deleted it and whether anybody has asked for its values since. The scope secrets:restore alone is
// enough.
//
// Two steps: the page, and then its metadata rows beside each secret's newest audit lines. What is
// undeleted or purged between them is left out, so a page may be short.
func ListTrash(e Edge, secrets *store.Store, trail *audit.Reader, d Dashboard) Handler {
	return operation[listTrashRequest]{
		name: "list-trash", scope: auth.Read, or: []auth.Scope{auth.Restore}, read: readListTrash,
		act: trash{secrets, trail, d}.list,
	}.handler(e)
}

type listTrashRequest struct {
	store.ListSecrets
	cursor cursor
}

func readListTrash(in *input) listTrashRequest {
	name, _ := in.word("name")
	list := store.ListSecrets{Workspace: in.call.Workspace, State: secret.SoftDeleted, Called: name, Limit: in.Limit()}
	cursor := in.Cursor(list.IsPosition, list.Workspace, list.Called)
	list.After = cursor.after
	return listTrashRequest{list, cursor}
}

type trash struct {
	secrets   *store.Store
	trail     *audit.Reader
	dashboard Dashboard
}

func (op trash) list(ctx context.Context, c *Call, r listTrashRequest) (Response, error) {
	page, err := op.secrets.ListSecrets(ctx, r.ListSecrets, func(secret.Secret) bool { return true }, c.Now)
	if err != nil {
		return Response{}, err
	}
	deletions, newest, err := inParallel(
		func() (map[secret.Ref]store.Deletion, error) { return op.secrets.Deletions(ctx, page.Items, c.Now) },
		func() ([]audit.Newest, error) { return op.newest(ctx, page.Items) },
	)
	if err != nil {
		return Response{}, err
	}
	data := newPageData(op.dashboard.seenBy(c).trashedJSON)
	for i, found := range page.Items {
		deletion, still := deletions[found.Ref]
		if still && !data.room(trashed{found, deletion.By, newest[i].Asked(deletion.At)}) {
			page.Next = r.Position(page.Items[i-1]) // there is one: the first always has room
			break
		}
	}
	return listResponse(store.Page[trashed]{Next: page.Next}, r.cursor, data), nil
}

// newest returns each secret's newest lines. If a trail cannot be read, for whatever cause, the error is
// Unavailable: a page never shows a count that misses lines.
func (op trash) newest(ctx context.Context, secrets []secret.Secret) ([]audit.Newest, error) {
	newest, err := eachInParallel(secrets, trailReads, func(s secret.Secret) (audit.Newest, error) {
		return op.trail.Newest(ctx, s.Ref, s.DeletedAt)
	})
	if err != nil {
		return nil, fault.NewUnavailable(err)
	}
	return newest, nil
}
