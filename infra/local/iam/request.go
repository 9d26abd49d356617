package iam

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"keepsake/infra/local/template"
	"keepsake/infra/local/wire"
)

// request is one right that a call needs: an action on a resource, with what conditions may ask.
type request struct {
	action, resource string
	context          map[string]string // "kms:EncryptionContext:kind" and the like
}

// body is what a call's JSON says about the rights that it needs.
type body struct {
	TableName, IndexName string
	RequestItems         map[string]json.RawMessage // of the batches, by table
	TransactItems        []map[string]struct{ TableName string }
	KeyID                string `json:"KeyId"`
	EncryptionContext    map[string]string
}

// transactions says which right each part of a transaction needs: there is none to write one.
var transactions = map[string]string{
	"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem",
	"ConditionCheck": "ConditionCheckItem", "Get": "GetItem",
}

// requests lists the rights that a call needs: all of them, or it is refused.
func requests(call wire.Call) ([]request, error) {
	var b body
	if err := json.Unmarshal(call.Body, &b); err != nil {
		return nil, fmt.Errorf("read a call: %w", err)
	}
	if call.Service == "kms" {
		return []request{{call.Name(), b.KeyID, b.kmsContext()}}, nil
	}
	switch {
	case len(b.TransactItems) > 0:
		return b.transaction(call)
	case len(b.RequestItems) > 0:
		var out []request
		for _, table := range slices.Sorted(maps.Keys(b.RequestItems)) {
			out = append(out, request{action: call.Name(), resource: template.TableARN(table)})
		}
		return out, nil
	}
	resource := template.TableARN(b.TableName)
	if b.IndexName != "" {
		resource += "/index/" + b.IndexName
	}
	return []request{{action: call.Name(), resource: resource}}, nil
}

func (b body) transaction(call wire.Call) ([]request, error) {
	var out []request
	for _, item := range b.TransactItems {
		for part, of := range item {
			action, known := transactions[part]
			if !known {
				return nil, fmt.Errorf("a transaction with a %s", part)
			}
			out = append(out, request{action: call.Service + ":" + action, resource: template.TableARN(of.TableName)})
		}
	}
	return out, nil
}

func (b body) kmsContext() map[string]string {
	out := map[string]string{}
	for key, value := range b.EncryptionContext {
		out["kms:EncryptionContext:"+key] = value
	}
	return out
}
