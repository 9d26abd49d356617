package hostile

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"keepsake/infra/cloud/wire"
)

// inPart carries a batch out but for some of its parts, which the answer names: one batch in three,
// and never a part that is alone in its batch. So whoever asks for the rest gets it in the end, and
// who does not ask will miss something.
func (l *Layer) inPart(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
	whole := l.read
	if call.Action == "BatchWriteItem" {
		whole = l.write
	}
	rest, left := l.split(call)
	if left == nil {
		return whole(ctx, call, perform)
	}
	call.Body = rest
	answer, err := whole(ctx, call, perform)
	if err != nil || !answer.OK() {
		return answer, err
	}
	return withUnprocessed(answer, call.Action, left)
}

// split takes parts out of a batch; left is nil if none.
func (l *Layer) split(call wire.Call) (rest []byte, left map[string]any) {
	var in map[string]any
	if json.Unmarshal(call.Body, &in) != nil {
		return nil, nil
	}
	tables, _ := in["RequestItems"].(map[string]any)
	parts := l.parts(tables)
	if len(parts) < 2 || !l.leaves() {
		return nil, nil
	}
	done, left := map[string]any{}, map[string]any{}
	keep := 1 + l.roll(len(parts)-1) // at least one is carried out, and at least one is not
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

func (l *Layer) leaves() bool {
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

// parts lists what a batch consists of.
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

// add adds a part to a batch, with what the whole batch says of its table.
func add(into, tables map[string]any, p part) {
	whole, keyed := tables[p.table].(map[string]any)
	if !keyed {
		list, _ := into[p.table].([]any)
		into[p.table] = append(list, p.what)
		return
	}
	if into[p.table] == nil {
		about := maps.Clone(whole)
		about["Keys"] = []any{}
		into[p.table] = about
	}
	about := into[p.table].(map[string]any)
	about["Keys"] = append(about["Keys"].([]any), p.what)
}

func withUnprocessed(answer wire.Response, action string, left map[string]any) (wire.Response, error) {
	var out map[string]any
	if err := json.Unmarshal(answer.Body, &out); err != nil {
		return answer, err
	}
	field := "UnprocessedKeys"
	if action == "BatchWriteItem" {
		field = "UnprocessedItems"
	}
	out[field] = left
	body, err := json.Marshal(out)
	return answer.With(body), err
}
