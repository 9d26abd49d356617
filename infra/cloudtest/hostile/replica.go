package hostile

import (
	"context"
	"maps"
	"slices"
	"sync"

	"keepsake/infra/cloud/wire"
)

// replica is a second engine, which is made to show any state of the tables that a read may see. It
// is started by the first read that has to see another state than the engine's.
type replica struct {
	serving sync.Mutex // held while the replica is brought into a state and read
	url     string

	mu    sync.Mutex
	stale map[rowID]bool // rows that may be otherwise in the replica than in the engine
	blank bool           // all may be
}

func (r *replica) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stale, r.blank = map[rowID]bool{}, true
}

// touch notes that rows have changed in the engine.
func (r *replica) touch(rows []rowID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range rows {
		r.stale[id] = true
	}
}

// take returns what has to be copied, and forgets it.
func (r *replica) take() (stale map[rowID]bool, all bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stale, all = r.stale, r.blank
	r.stale, r.blank = map[rowID]bool{}, false
	return stale, all
}

// view carries out a read in the state in which the hidden rows are as their images and all others
// are as they are now.
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
	// A write under way may have been carried out already, and somebody may have seen it.
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

// compare adds all rows that are in the engine or in the replica: what has happened to them is not
// known.
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
		if err := ask(ctx, endpoint, "Scan", in, &out); err != nil {
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

// atOnce is how many rows DynamoDB writes with one BatchWriteItem.
const atOnce = 25

// write has an engine's rows be as their images.
func write(ctx context.Context, endpoint string, rows images) error {
	for part := range slices.Chunk(slices.Collect(maps.Keys(rows)), atOnce) {
		requests := map[string][]map[string]any{}
		for _, id := range part {
			request := map[string]any{"DeleteRequest": map[string]any{"Key": id.item()}}
			if rows[id] != nil {
				request = map[string]any{"PutRequest": map[string]any{"Item": rows[id]}}
			}
			requests[id.table] = append(requests[id.table], request)
		}
		var out any
		if err := ask(ctx, endpoint, "BatchWriteItem", map[string]any{"RequestItems": requests}, &out); err != nil {
			return err
		}
	}
	return nil
}
