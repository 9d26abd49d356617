package hostile

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"keepsake/infra/cloud/wire"
)

// rowID names a row: its table and its key, as canonical JSON.
type rowID struct{ table, key string }

// item is a row or a key in DynamoDB's JSON.
type item map[string]any

// images are rows as they were at some time; nil if there was no such row.
type images map[rowID]item

// change is the part of a write that says which row it writes.
type change struct {
	TableName string
	Key       item
	Item      item
}

// touched lists the rows that a write writes.
func (l *Layer) touched(call wire.Call) ([]rowID, error) {
	var in struct {
		change
		TransactItems []map[string]change
		RequestItems  map[string][]map[string]change
	}
	if err := json.Unmarshal(call.Body, &in); err != nil {
		return nil, err
	}
	var ids []rowID
	add := func(table string, c change) {
		if id, ok := l.id(table, c.Key, c.Item); ok && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	add(in.TableName, in.change)
	for _, part := range in.TransactItems {
		for kind, c := range part {
			if kind != "ConditionCheck" {
				add(c.TableName, c)
			}
		}
	}
	for table, requests := range in.RequestItems {
		for _, request := range requests {
			for _, c := range request {
				add(table, c)
			}
		}
	}
	return ids, nil
}

// id returns the id of the row with this key. An item may have the key among its attributes.
func (l *Layer) id(table string, candidates ...item) (rowID, bool) {
	for _, candidate := range candidates {
		key := item{}
		for _, name := range l.keys[table] {
			if value, ok := candidate[name]; ok {
				key[name] = value
			}
		}
		if len(key) > 0 && len(key) == len(l.keys[table]) {
			text, err := json.Marshal(key)
			return rowID{table, string(text)}, err == nil
		}
	}
	return rowID{}, false
}

func (id rowID) item() item {
	var key item
	_ = json.Unmarshal([]byte(id.key), &key) // Layer.id has marshalled it
	return key
}

// maxReads is the most rows that DynamoDB reads with one BatchGetItem.
const maxReads = 100

// readRows reads rows from an engine as they are now.
func (l *Layer) readRows(ctx context.Context, endpoint string, ids []rowID) (images, error) {
	out := images{}
	for part := range slices.Chunk(ids, maxReads) {
		tables := map[string]map[string]any{}
		for _, id := range part {
			out[id] = nil
			if tables[id.table] == nil {
				tables[id.table] = map[string]any{"ConsistentRead": true, "Keys": []item{}}
			}
			tables[id.table]["Keys"] = append(tables[id.table]["Keys"].([]item), id.item())
		}
		for len(tables) > 0 {
			var page struct {
				Responses       map[string][]item
				UnprocessedKeys map[string]map[string]any
			}
			if err := post(ctx, endpoint, "BatchGetItem", map[string]any{"RequestItems": tables}, &page); err != nil {
				return nil, err
			}
			for table, rows := range page.Responses {
				for _, row := range rows {
					if id, ok := l.id(table, row); ok {
						out[id] = row
					}
				}
			}
			tables = page.UnprocessedKeys // a response holds 16 MB at most
		}
	}
	return out, nil
}

var transport = &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}

// post sends an engine a request of the layer's own.
func post(ctx context.Context, endpoint, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	response, err := wire.Send(ctx, transport, endpoint, http.Header{
		"X-Amz-Target":  {"DynamoDB_20120810." + action},
		"Content-Type":  {"application/x-amz-json-1.0"},
		"X-Amz-Date":    {"20260101T000000Z"},
		"Authorization": {"AWS4-HMAC-SHA256 Credential=hostile/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0"},
	}, body)
	switch {
	case err != nil:
		return err
	case !response.OK():
		return fmt.Errorf("%s: %d %s", action, response.Status, response.Body)
	}
	return json.Unmarshal(response.Body, out)
}
