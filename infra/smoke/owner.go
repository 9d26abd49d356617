package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"keepsake/infra/account"
)

// owner asks AWS what a stack is made of, with the rights of whoever runs this. It only looks.
type owner struct {
	account   account.Account
	stack     string
	table     string     // of the secrets
	listeners []listener // that the stack should have
}

// findOwner returns nil if no stack is named.
func findOwner(ctx context.Context, env account.Environment) (*owner, error) {
	name := env.Get("STACK")
	if name == "" {
		return nil, nil
	}
	a, err := account.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	stack, err := a.Stack(ctx, name)
	if err != nil {
		return nil, err
	}
	table, err := stack.Output("SecretsTableName")
	if err != nil {
		return nil, err
	}
	listeners, err := readListeners(templatePath)
	return &owner{account: a, stack: name, table: table, listeners: listeners}, err
}

// expiry is how the table removes rows by itself.
func (o *owner) expiry(ctx context.Context) (dynamodbtypes.TimeToLiveDescription, error) {
	out, err := dynamodb.NewFromConfig(o.account.Config).DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &o.table})
	if err != nil {
		return dynamodbtypes.TimeToLiveDescription{}, account.Explain(err)
	}
	return *out.TimeToLiveDescription, nil
}

// mappings are what the table's stream calls. A stream that was switched off and on again is another
// one, which nothing listens to.
func (o *owner) mappings(ctx context.Context) ([]lambdatypes.EventSourceMappingConfiguration, error) {
	table, err := dynamodb.NewFromConfig(o.account.Config).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &o.table})
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

// calls reports whether it is the function's alias that a mapping calls.
func calls(m lambdatypes.EventSourceMappingConfiguration, function, alias string) bool {
	return strings.HasSuffix(aws.ToString(m.FunctionArn), ":function:"+function+":"+alias)
}
