package hostile

import (
	"context"
	"maps"
	"slices"
	"sync"

	"keepsake/infra/cloud/wire"
)

// replica is a second engine. It is brought into the state of the tables that a read may see. The first
// read that has to see another state than the engine's starts it.
type replica struct {
	serving sync.Mutex // held while the replica is prepared and read
	url     string

	mu    sync.Mutex
	stale map[rowID]bool // rows that may differ from the engine's
	blank bool           // all rows may differ
}

func (r *replica) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stale, r.blank = map[rowID]bool{}, true
}

// touch marks rows that have changed in the engine as stale.
func (r *replica) touch(rows []rowID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range rows {
		r.stale[id] = true
	}
}

// take returns the rows that have to be copied and marks none as stale any more.
func (r *replica) take() (stale map[rowID]bool, all bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stale, all = r.stale, r.blank
	r.stale, r.blank = map[rowID]bool{}, false
	return stale, all
}

// view performs a read in a state in which the hidden rows are as in their images and all others as
// they are now.
func (l *Layer) view(ctx context.Context, hidden images, call wire.Call, perform wire.Perform) (wire.Response, error) {
	l.replica.serving.Lock()
	defer l.replica.serving.Unlock()
	if err := l.show(context.WithoutCancel(ctx), hidden); err != nil {
		l.replica.reset()
		return wire.Response{}, err
	}
	call.Endpoint = l.replica.url
	return perform(ctx, call)
}

func (l *Layer) show(ctx context.Context, hidden images) error {
	r := &l.replica
	if r.url == "" {
		url, err := l.Replica()
		if err != nil {
			return err
		}
		r.url = url
	}
	stale, all := r.take()
	if all {
		if err := l.compare(ctx, stale); err != nil {
			return err
		}
	}
	// A write under way may have been performed already, and a read may have seen it.
	l.mu.Lock()
	maps.Copy(stale, l.locked)
	l.mu.Unlock()
	now, err := l.readRows(ctx, l.Engine, slices.DeleteFunc(slices.Collect(maps.Keys(stale)), func(id rowID) bool {
		_, is := hidden[id]
		return is
	}))
	if err != nil {
		return err
	}
	maps.Copy(now, hidden)
	r.touch(slices.Collect(maps.Keys(hidden)))
	return write(ctx, r.url, now)
}

// compare marks all rows in the engine and in the replica as stale: what happened to them is not known.
func (l *Layer) compare(ctx context.Context, stale map[rowID]bool) error {
	for table := range l.keys {
		for _, endpoint := range []string{l.Engine, l.replica.url} {
			ids, err := l.scan(ctx, endpoint, table)
			if err != nil {
				return err
			}
			for _, id := range ids {
				stale[id] = true
			}
		}
	}
	return nil
}

func (l *Layer) scan(ctx context.Context, endpoint, table string) (ids []rowID, err error) {
	in := map[string]any{"TableName": table, "ConsistentRead": true}
	for {
		var out struct {
			Items            []item
			LastEvaluatedKey item
		}
		if err := post(ctx, endpoint, "Scan", in, &out); err != nil {
			return nil, err
		}
		for _, row := range out.Items {
			if id, ok := l.id(table, row); ok {
				ids = append(ids, id)
			}
		}
		if len(out.LastEvaluatedKey) == 0 {
			return ids, nil
		}
		in["ExclusiveStartKey"] = out.LastEvaluatedKey
	}
}

// maxWrites is the most rows that DynamoDB writes with one BatchWriteItem.
const maxWrites = 25

// write makes an engine's rows equal to their images.
func write(ctx context.Context, endpoint string, rows images) error {
	for part := range slices.Chunk(slices.Collect(maps.Keys(rows)), maxWrites) {
		requests := map[string][]map[string]any{}
		for _, id := range part {
			request := map[string]any{"DeleteRequest": map[string]any{"Key": id.item()}}
			if rows[id] != nil {
				request = map[string]any{"PutRequest": map[string]any{"Item": rows[id]}}
			}
			requests[id.table] = append(requests[id.table], request)
		}
		var out any
		if err := post(ctx, endpoint, "BatchWriteItem", map[string]any{"RequestItems": requests}, &out); err != nil {
			return err
		}
	}
	return nil
}
