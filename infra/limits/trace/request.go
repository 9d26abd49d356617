package trace

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"keepsake/infra/cloud/wire"
)

// attributes are a row or a key as DynamoDB's JSON has them: {"pk": {"S": "…"}}.
type attributes map[string]map[string]any

// value returns an attribute's text or number; empty if there is none.
func (a attributes) value(name string) string {
	for _, kind := range []string{"S", "N"} {
		if text, ok := a[name][kind].(string); ok {
			return text
		}
	}
	return ""
}

// request is a call of DynamoDB.
type request struct {
	action  string
	counted wire.Call // the call, which asks for the consumed capacity
	keys    map[string][]attributes
	index   string // of a Query
	at      [2]string
}

// body has the fields of all calls that the service makes.
type body struct {
	TableName, IndexName, KeyConditionExpression string
	Key, Item, ExpressionAttributeValues         attributes
	ScanIndexForward                             *bool
	RequestItems                                 map[string]json.RawMessage
	TransactItems                                []map[string]struct {
		TableName string
		Key, Item attributes
	}
}

func readRequest(call wire.Call) (request, error) {
	r := request{action: call.Action, counted: call, keys: map[string][]attributes{}}
	var fields map[string]json.RawMessage
	var b body
	if err := json.Unmarshal(call.Body, &b); err != nil {
		return r, err
	}
	if err := json.Unmarshal(call.Body, &fields); err != nil {
		return r, err
	}
	fields["ReturnConsumedCapacity"] = json.RawMessage(`"INDEXES"`)
	var err error
	if r.counted.Body, err = json.Marshal(fields); err != nil {
		return r, err
	}
	return r, r.read(b)
}

func (r *request) read(b body) error {
	switch r.action {
	case "GetItem", "UpdateItem", "DeleteItem":
		r.keys[b.TableName] = []attributes{b.Key}
	case "PutItem":
		r.keys[b.TableName] = []attributes{b.Item}
	case "Query":
		return r.readQuery(b)
	case "TransactWriteItems":
		for _, item := range b.TransactItems {
			for _, write := range item {
				key := write.Key
				if key == nil {
					key = write.Item
				}
				r.keys[write.TableName] = append(r.keys[write.TableName], key)
			}
		}
	case "BatchGetItem", "BatchWriteItem":
		return r.readBatch(b)
	default:
		return fmt.Errorf("%s is not known here", r.action)
	}
	return nil
}

func (r *request) readBatch(b body) error {
	for table, text := range b.RequestItems {
		if r.action == "BatchGetItem" {
			var gets struct{ Keys []attributes }
			if err := json.Unmarshal(text, &gets); err != nil {
				return err
			}
			r.keys[table] = gets.Keys
			continue
		}
		var writes []struct{ DeleteRequest struct{ Key attributes } }
		if err := json.Unmarshal(text, &writes); err != nil {
			return err
		}
		for _, w := range writes {
			r.keys[table] = append(r.keys[table], w.DeleteRequest.Key)
		}
	}
	return nil
}

var condition = regexp.MustCompile(`^(\w+) = (:\w+)(?: AND .*?(:\w+))?`)

// readQuery notes where a Query begins to read: at the first value of its sort condition, or at an end.
func (r *request) readQuery(b body) error {
	m := condition.FindStringSubmatch(b.KeyConditionExpression)
	if m == nil {
		return fmt.Errorf("the key condition %q is not known here", b.KeyConditionExpression)
	}
	r.keys[b.TableName], r.index = nil, b.IndexName
	r.at = [2]string{b.ExpressionAttributeValues.value(m[2]), Start}
	switch {
	case b.ScanIndexForward != nil && !*b.ScanIndexForward:
		r.at[1] = End
	case m[3] != "":
		r.at[1] = b.ExpressionAttributeValues.value(m[3])
	}
	return nil
}

func (r request) writes() bool {
	return slices.Contains([]string{"UpdateItem", "DeleteItem", "PutItem", "TransactWriteItems", "BatchWriteItem"}, r.action)
}

func (r request) tables() (all []string) {
	for table := range r.keys {
		all = append(all, table)
	}
	return all
}

// ofTable shares what a call consumed in a table among its keys. A Query's is all of one key, in its index.
func (r request) ofTable(table string, c capacity) ([]Touch, error) {
	if r.action == "Query" {
		place := table
		if c.GlobalSecondaryIndexes[r.index].CapacityUnits > 0 {
			place += "/" + r.index
		}
		return []Touch{{Place: place, Key: r.at[0], Sort: r.at[1], Read: c.CapacityUnits}}, nil
	}
	keys := r.keys[table]
	if len(keys) == 0 {
		return nil, fmt.Errorf("units in %s, of which no key is asked for", table)
	}
	local := c.ofLocal()
	each := (c.ofTable() - local) / float64(len(keys))
	if each != float64(int(2*each))/2 {
		return nil, fmt.Errorf("%v units of %d keys in %s: a row is larger than the others", c.ofTable(), len(keys), table)
	}
	var touches []Touch
	for _, key := range keys {
		t := Touch{Place: table, Key: key.value("pk") + key.value("token_hash"), Sort: key.value("sk")}
		if r.writes() {
			t.Write = each
		} else {
			t.Read = each
		}
		touches = append(touches, t)
	}
	return r.withLocal(touches, local)
}

// withLocal adds the entries of local indexes to the collection that they are in.
func (r request) withLocal(touches []Touch, local float64) ([]Touch, error) {
	if local == 0 {
		return touches, nil
	}
	owner := -1
	for i, t := range touches {
		if indexed(t.Sort) && owner >= 0 && touches[owner].Key != t.Key {
			return nil, fmt.Errorf("local indexes of two collections: %s and %s", touches[owner].Key, t.Key)
		}
		if indexed(t.Sort) {
			owner = i
		}
	}
	if owner < 0 {
		return nil, fmt.Errorf("entries of local indexes, and no row of a secret")
	}
	touches[owner].Write += local
	if r.action == "TransactWriteItems" {
		touches[owner].Twice += local
	}
	return touches, nil
}

// indexed reports whether a row with this sort key can be in a local index: a key's record is in none.
func indexed(sort string) bool { return sort != "key" }
