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

// request is one right that a call needs: an action on a resource.
type request struct {
	action, resource string
	session          string            // the ARN of the function that acts as its role
	context          map[string]string // what conditions compare, by their keys in lower case
}

const (
	principalARN      = "aws:principalarn"
	encryptionContext = "kms:encryptioncontext:"
)

// usesKey reports whether a key's policy must allow r, too.
func (r request) usesKey() bool { return strings.HasPrefix(r.action, "kms:") }

// isOurs reports whether the resource belongs to our account.
func (r request) isOurs() bool {
	parts := strings.Split(r.resource, ":")
	return len(parts) > 5 && parts[4] == template.Account
}

// body is what a call's JSON says about the rights that it needs.
type body struct {
	TableName, IndexName string
	RequestItems         map[string]json.RawMessage // of the batches, by table
	TransactItems        []map[string]struct{ TableName string }
	KeyID                string `json:"KeyId"`
	EncryptionContext    map[string]string
}

// transactions maps each part of a transaction to the right that it needs: AWS has no right to write a
// transaction.
var transactions = map[string]string{
	"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem",
}

// requests lists the rights that a function's call needs. A call without one of them is refused.
func requests(call wire.Call, f template.Function) ([]request, error) {
	var b body
	if err := json.Unmarshal(call.Body, &b); err != nil {
		return nil, fmt.Errorf("read a call: %w", err)
	}
	all, err := b.requests(call)
	if len(all) == 0 && err == nil {
		err = errors.New("read a call: the transaction is empty")
	}
	for i := range all {
		all[i] = all[i].by(f)
		for key, value := range b.EncryptionContext {
			all[i].context[encryptionContext+strings.ToLower(key)] = value
		}
	}
	return all, err
}

// by returns r as a request of f.
func (r request) by(f template.Function) request {
	_, role, _ := strings.Cut(f.Role, "/")
	r.session = "arn:aws:sts::" + template.Account + ":assumed-role/" + role + "/" + f.Name
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
		for part, target := range item {
			action, known := transactions[part]
			if !known {
				return nil, fmt.Errorf("%s in a transaction is not supported: use Put, Update, Delete or ConditionCheck", part)
			}
			out = append(out, request{action: call.Service + ":" + action, resource: template.TableARN(target.TableName)})
		}
	}
	return out, nil
}
