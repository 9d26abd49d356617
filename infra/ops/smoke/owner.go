package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"keepsake/infra/ops/internal/account"
	"keepsake/infra/ops/internal/table"
	"keepsake/infra/template"
)

// templatePath is the path from the project's root, where make starts its programs.
const templatePath = "template.yaml"

// owner asks AWS what a stack is made of, with the permissions of the person who runs this. It only reads.
type owner struct {
	account   account.Account
	stack     string
	db        *dynamodb.Client
	table     string     // that holds the secrets
	listeners []listener // that the stack should have
}

// listener is a function that a table's stream calls.
type listener struct {
	function string   // its name in the template
	alias    string   // that the stream calls
	patterns []string // a record that fits none of them is skipped
}

// newOwner returns the owner of the deployed stack in which the audit table was found.
func newOwner(audit table.Table) (*owner, error) {
	table, err := audit.Stack.Output("SecretsTableName")
	if err != nil {
		return nil, err
	}
	listeners, err := readListeners(templatePath)
	return &owner{account: *audit.Account, stack: audit.Stack.Name, db: audit.DB, table: table, listeners: listeners}, err
}

// readListeners returns the listeners of this checkout's template, by name.
func readListeners(path string) ([]listener, error) {
	t, err := template.Read(path)
	if missing := new(fs.PathError); errors.As(err, &missing) {
		return nil, fmt.Errorf("STACK is compared with this checkout's template: %w", missing)
	}
	if err != nil {
		return nil, err
	}
	var all []listener
	for _, f := range t.Functions {
		for _, s := range f.Streams {
			all = append(all, listener{function: f.LogicalID, alias: f.Alias, patterns: s.Filters})
		}
	}
	slices.SortFunc(all, func(a, b listener) int { return strings.Compare(a.function, b.function) })
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no function listens to a table's stream", path)
	}
	return all, nil
}

// expiry returns the table's setting of DynamoDB's expiry.
func (o *owner) expiry(ctx context.Context) (dynamodbtypes.TimeToLiveDescription, error) {
	out, err := o.db.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &o.table})
	if err != nil {
		return dynamodbtypes.TimeToLiveDescription{}, account.Explain(err)
	}
	return *out.TimeToLiveDescription, nil
}

// mappings returns what the table's stream calls. If a stream was switched off and on again, it is another
// stream, and nothing listens to it.
func (o *owner) mappings(ctx context.Context) ([]lambdatypes.EventSourceMappingConfiguration, error) {
	table, err := o.db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &o.table})
	if err != nil {
		return nil, account.Explain(err)
	}
	stream := table.Table.LatestStreamArn
	if stream == nil {
		return nil, fmt.Errorf("the table %s has no stream", o.table)
	}
	var all []lambdatypes.EventSourceMappingConfiguration
	pages := lambda.NewListEventSourceMappingsPaginator(lambda.NewFromConfig(o.account.Config),
		&lambda.ListEventSourceMappingsInput{EventSourceArn: stream})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, account.Explain(err)
		}
		all = append(all, page.EventSourceMappings...)
	}
	return all, nil
}

// calls reports whether the mapping calls the function's alias.
func calls(m lambdatypes.EventSourceMappingConfiguration, function, alias string) bool {
	return strings.HasSuffix(aws.ToString(m.FunctionArn), ":function:"+function+":"+alias)
}
