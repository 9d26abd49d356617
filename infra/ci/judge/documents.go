package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"keepsake/infra/template"
	"keepsake/infra/template/resolve"
)

// document is a policy that is checked as a text: whether AWS takes it, and knows its actions, resources and conditions.
type document struct {
	name    string
	kind    string // role, key, trust or topic
	content any
}

// documents lists the policies of the template's roles and keys, who may assume a role, what is in no role, and the
// deployer's policy.
func (w world) documents(root string) ([]document, error) {
	var all []document
	for _, a := range w.actors {
		all = append(all, document{"the role of " + a.name, "role", policy(a.statements)})
	}
	for _, k := range w.keys {
		all = append(all, document{"the policy of " + k.LogicalID, "key", policy(k.Statements)})
	}
	others, err := otherDocuments(filepath.Join(root, "template.yaml"))
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, "infra/docs/deployer-policy.json"))
	if err != nil {
		return nil, err
	}
	return append(append(all, others...), document{"deployer-policy.json", "role", json.RawMessage(text)}), nil
}

func policy(statements []template.Statement) any {
	return map[string]any{"Version": "2012-10-17", "Statement": asOnAWS(statements)}
}

// names give what a policy of the template may name an ARN, so that it has AWS's form.
var names = resolve.Names{
	Pseudo: map[string]string{
		"AWS::Region": template.Region, "AWS::AccountId": template.Account, "AWS::Partition": "aws", "AWS::StackName": "keepsake", "AWS::URLSuffix": "amazonaws.com",
	},
	Parameter: func(string) (string, bool) { return "given", true },
	Ref:       func(_, name string) string { return named(name) },
	GetAtt:    func(_, name, _ string) (string, bool) { return named(name), true },
}

func named(resource string) string {
	return "arn:aws:sns:" + template.Region + ":" + template.Account + ":" + resource
}

// otherDocuments returns the policies that template.Read does not keep.
func otherDocuments(path string) ([]document, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	plain, err := resolve.Parse(text, names, nil)
	if err != nil {
		return nil, err
	}
	var all []document
	for _, r := range plain.Resources {
		property, kind := "AssumeRolePolicyDocument", "trust"
		switch r.Type {
		case "AWS::IAM::Role":
		case "AWS::SNS::TopicPolicy":
			property, kind = "PolicyDocument", "topic"
		default:
			continue
		}
		var content map[string]any
		if err := r.Properties.At(property).Decode(&content); err != nil {
			return nil, err
		}
		all = append(all, document{r.ID + "'s " + property, kind, content})
	}
	return all, nil
}
