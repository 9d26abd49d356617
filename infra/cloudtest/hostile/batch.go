package hostile

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"keepsake/infra/cloud/wire"
)

// batch performs one batch in three without some of its parts, which the response names. It never
// leaves out a part that is alone in its batch: a caller that sends the rest again is done in the end,
// and a caller that does not misses something.
func (l *Layer) batch(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
	whole := l.read
	if call.Action == "BatchWriteItem" {
		whole = l.write
	}
	rest, left := l.split(call)
	if left == nil {
		return whole(ctx, call, perform)
	}
	call.Body = rest
	response, err := whole(ctx, call, perform)
	if err != nil || !response.OK() {
		return response, err
	}
	return withUnprocessed(response, call.Action, left)
}

// split takes some parts out of a batch. If it takes none, left is nil.
func (l *Layer) split(call wire.Call) (rest []byte, left map[string]any) {
	var in map[string]any
	if json.Unmarshal(call.Body, &in) != nil {
		return nil, nil
	}
	tables, _ := in["RequestItems"].(map[string]any)
	parts := l.parts(tables)
	if len(parts) < 2 || !l.splits() {
		return nil, nil
	}
	done, left := map[string]any{}, map[string]any{}
	keep := 1 + l.roll(len(parts)-1) // at least one is performed and at least one is left
	for i, p := range l.shuffled(len(parts)) {
		into := done
		if i >= keep {
			into = left
		}
		add(into, tables, parts[p])
	}
	in["RequestItems"] = done
	rest, err := json.Marshal(in)
	if err != nil {
		return nil, nil
	}
	return rest, left
}

// splits reports whether this batch is performed in part.
func (l *Layer) splits() bool {
	l.mu.Lock()
	whole := l.whole
	l.mu.Unlock()
	return !whole && l.roll(3) == 0
}

func (l *Layer) shuffled(n int) []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.random.Perm(n)
}

// part is one key of a BatchGetItem, or one request of a BatchWriteItem.
type part struct {
	table string
	what  any
}

// parts lists the parts of a batch.
func (l *Layer) parts(tables map[string]any) []part {
	var out []part
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		list, ok := tables[table].([]any)
		if !ok {
			keys, _ := tables[table].(map[string]any)
			list, _ = keys["Keys"].([]any)
		}
		for _, what := range list {
			out = append(out, part{table, what})
		}
	}
	return out
}

// add adds a part to a batch, with the options that the whole batch has for its table.
func add(into, tables map[string]any, p part) {
	whole, keyed := tables[p.table].(map[string]any)
	if !keyed {
		list, _ := into[p.table].([]any)
		into[p.table] = append(list, p.what)
		return
	}
	if into[p.table] == nil {
		options := maps.Clone(whole)
		options["Keys"] = []any{}
		into[p.table] = options
	}
	keys := into[p.table].(map[string]any)
	keys["Keys"] = append(keys["Keys"].([]any), p.what)
}

func withUnprocessed(response wire.Response, action string, left map[string]any) (wire.Response, error) {
	var out map[string]any
	if err := json.Unmarshal(response.Body, &out); err != nil {
		return response, err
	}
	field := "UnprocessedKeys"
	if action == "BatchWriteItem" {
		field = "UnprocessedItems"
	}
	out[field] = left
	body, err := json.Marshal(out)
	return response.With(body), err
}
