package iam

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

// request is one right that a call needs: an action on a resource, with what conditions may ask.
type request struct {
	action, resource string
	role, session    string            // the ARNs of who asks: the role, and the function that acts as it
	context          map[string]string // by condition keys in lower case
}

const (
	principalARN      = "aws:principalarn"
	encryptionContext = "kms:encryptioncontext:"
)

// usesKey reports whether a key's policy has a say.
func (r request) usesKey() bool { return strings.HasPrefix(r.action, "kms:") }

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

// requests lists the rights that a function's call needs: all of them, or it is refused.
func requests(call wire.Call, f template.Function) ([]request, error) {
	var b body
	if err := json.Unmarshal(call.Body, &b); err != nil {
		return nil, fmt.Errorf("read a call: %w", err)
	}
	all, err := b.requests(call)
	if len(all) == 0 && err == nil {
		err = errors.New("read a call: it asks for nothing")
	}
	for i := range all {
		all[i] = all[i].by(f)
		for key, value := range b.EncryptionContext {
			all[i].context[encryptionContext+strings.ToLower(key)] = value
		}
	}
	return all, err
}

// by is r when f asks.
func (r request) by(f template.Function) request {
	_, role, _ := strings.Cut(f.Role, "/")
	r.role, r.session = f.Role, "arn:aws:sts::"+template.Account+":assumed-role/"+role+"/"+f.Name
	r.context = map[string]string{principalARN: f.Role}
	return r
}

func (b body) requests(call wire.Call) ([]request, error) {
	switch {
	case call.Service == "kms":
		return []request{{action: call.Name(), resource: b.KeyID}}, nil
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
