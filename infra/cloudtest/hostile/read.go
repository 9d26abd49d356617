package hostile

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

// reading is the part of a read that says which rows it reads.
type reading struct {
	TableName                 string
	IndexName                 string
	ConsistentRead            bool
	Key                       item
	ExpressionAttributeValues map[string]any
	RequestItems              map[string]struct {
		ConsistentRead bool
		Keys           []item
	}
}

// read performs a read in a state that it may see. A read without ConsistentRead, or of a global index,
// sees the state before the last write of its table. Other reads see the present state, in which rows
// of a transaction under way may not be visible yet.
func (l *Layer) read(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
	var in reading
	if err := json.Unmarshal(call.Body, &in); err != nil {
		return perform(ctx, call)
	}
	if tables := l.behind(in, call); len(tables) > 0 {
		return l.view(ctx, l.before(tables), call, perform)
	}
	l.gate.RLock()
	hidden := l.unseen(in, call)
	if len(hidden) == 0 {
		defer l.gate.RUnlock()
		return perform(ctx, call)
	}
	l.gate.RUnlock()
	return l.view(ctx, hidden, call, perform)
}

// behind lists the tables that a read sees as they were before their last write.
func (l *Layer) behind(in reading, call wire.Call) []string {
	var tables []string
	for table, part := range in.RequestItems {
		if !part.ConsistentRead {
			tables = append(tables, table)
		}
	}
	if call.Action != "BatchGetItem" && (!in.ConsistentRead || l.global(in)) {
		tables = append(tables, in.TableName)
	}
	return slices.DeleteFunc(tables, func(table string) bool { return l.keys[table] == nil })
}

func (l *Layer) global(in reading) bool {
	return slices.ContainsFunc(l.Tables, func(t template.Table) bool {
		return t.Name == in.TableName && slices.ContainsFunc(t.Global, func(i template.Index) bool { return i.Name == in.IndexName })
	})
}

// before returns the rows of tables as they were before the last write, and before transactions under
// way, if these changed them.
func (l *Layer) before(tables []string) images {
	l.mu.Lock()
	defer l.mu.Unlock()
	hidden := images{}
	for _, table := range tables {
		maps.Copy(hidden, l.last[table])
		for _, w := range l.windows {
			for id, image := range w.before {
				if id.table == table {
					hidden[id] = image
				}
			}
		}
	}
	return hidden
}

// window is the time during which the rows of a transaction appear.
type window struct {
	before images
	order  []rowID // in which the rows appear
	seen   int     // how many have appeared
}

// open opens a window when no read is under way: a row that was seen stays visible.
func (l *Layer) open(before images) *window {
	l.gate.Lock()
	defer l.gate.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &window{before: before, order: slices.SortedFunc(maps.Keys(before), func(a, b rowID) int { return strings.Compare(a.key, b.key) })}
	l.random.Shuffle(len(w.order), func(i, j int) { w.order[i], w.order[j] = w.order[j], w.order[i] })
	l.windows = append(l.windows, w)
	return w
}

func (l *Layer) close(w *window) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.windows = slices.DeleteFunc(l.windows, func(other *window) bool { return other == w })
}

// unseen returns the rows of transactions under way that a consistent read does not see yet, as they
// were. Each such read makes one more row appear.
func (l *Layer) unseen(in reading, call wire.Call) images {
	l.mu.Lock()
	defer l.mu.Unlock()
	hidden := images{}
	for _, w := range l.windows {
		if !slices.ContainsFunc(w.order, func(id rowID) bool { return l.concerns(in, call, id) }) {
			continue
		}
		for _, id := range w.order[w.seen:] {
			hidden[id] = w.before[id]
		}
		w.seen = min(w.seen+1, len(w.order))
	}
	return hidden
}

// concerns reports whether a read may read a row.
func (l *Layer) concerns(in reading, call wire.Call, id rowID) bool {
	switch call.Action {
	case "GetItem":
		got, ok := l.id(in.TableName, in.Key)
		return ok && got == id
	case "BatchGetItem":
		return slices.ContainsFunc(in.RequestItems[id.table].Keys, func(key item) bool {
			got, ok := l.id(id.table, key)
			return ok && got == id
		})
	case "Query":
		return in.TableName == id.table && in.names(id.item()[l.keys[id.table][0]])
	}
	return in.TableName == id.table
}

// names reports whether a query's conditions have the value.
func (in reading) names(value any) bool {
	want, _ := json.Marshal(value)
	for _, v := range in.ExpressionAttributeValues {
		if got, err := json.Marshal(v); err == nil && string(got) == string(want) {
			return true
		}
	}
	return false
}
