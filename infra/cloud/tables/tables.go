// Package tables creates the template's DynamoDB tables in an engine.
package tables

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/host"
	"keepsake/infra/template"
)

const (
	patience     = 30 * time.Second
	pollInterval = 50 * time.Millisecond
)

// Create makes the template's tables with their indexes, streams and TTL, and returns when all are
// ready. Each has its logical id as its name. A table that exists keeps its rows and gets the global
// indexes, the stream and the TTL that it lacks: it may be from an older version of the template.
func Create(ctx context.Context, client *dynamodb.Client, t *template.Template) error {
	for _, table := range t.Tables {
		if err := create(ctx, client, table); err != nil {
			return fmt.Errorf("create table %s: %w", table.Name, err)
		}
	}
	return nil
}

func create(ctx context.Context, client *dynamodb.Client, table template.Table) error {
	_, err := client.CreateTable(ctx, input(table))
	var exists *types.ResourceInUseException
	if err != nil && !errors.As(err, &exists) {
		return err
	}
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = pollInterval, pollInterval
	})
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &table.Name}, patience); err != nil {
		return err
	}
	if err := addIndexes(ctx, client, table); err != nil {
		return err
	}
	if err := enableStream(ctx, client, table); err != nil || !table.TTL.Enabled {
		return err
	}
	return enableTTL(ctx, client, table)
}

// addIndexes adds the global indexes that the table lacks, one at a time, as DynamoDB wants it. Each is filled
// from the rows.
func addIndexes(ctx context.Context, client *dynamodb.Client, table template.Table) error {
	wanted := input(table)
	now, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table.Name})
	if err != nil {
		return err
	}
	for _, index := range wanted.GlobalSecondaryIndexes {
		if slices.ContainsFunc(now.Table.GlobalSecondaryIndexes, func(has types.GlobalSecondaryIndexDescription) bool {
			return *has.IndexName == *index.IndexName
		}) {
			continue
		}
		if err := addIndex(ctx, client, wanted, index); err != nil {
			return fmt.Errorf("add index %s: %w", *index.IndexName, err)
		}
	}
	return nil
}

// addIndex returns when the index can be read.
func addIndex(ctx context.Context, client *dynamodb.Client, wanted *dynamodb.CreateTableInput, index types.GlobalSecondaryIndex) error {
	_, err := client.UpdateTable(ctx, &dynamodb.UpdateTableInput{
		TableName:            wanted.TableName,
		AttributeDefinitions: wanted.AttributeDefinitions,
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection,
		}}},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return host.Poll(ctx, pollInterval, func() (bool, error) {
		now, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: wanted.TableName})
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(now.Table.GlobalSecondaryIndexes, func(has types.GlobalSecondaryIndexDescription) bool {
			return *has.IndexName == *index.IndexName && has.IndexStatus == types.IndexStatusActive
		}), nil
	})
}

// enableStream does nothing if the stream is enabled: DynamoDB would refuse.
func enableStream(ctx context.Context, client *dynamodb.Client, table template.Table) error {
	wanted := input(table).StreamSpecification
	if wanted == nil {
		return nil
	}
	now, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table.Name})
	if err != nil {
		return err
	}
	if has := now.Table.StreamSpecification; has != nil && aws.ToBool(has.StreamEnabled) {
		return nil
	}
	_, err = client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &table.Name, StreamSpecification: wanted})
	return err
}

// enableTTL does nothing if the TTL is enabled: DynamoDB would refuse.
func enableTTL(ctx context.Context, client *dynamodb.Client, table template.Table) error {
	now, err := client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table.Name})
	if err != nil {
		return err
	}
	if now.TimeToLiveDescription != nil {
		switch now.TimeToLiveDescription.TimeToLiveStatus {
		case types.TimeToLiveStatusEnabled, types.TimeToLiveStatusEnabling:
			return nil
		}
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: &table.Name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: &table.TTL.Attribute,
			Enabled:       aws.Bool(true),
		},
	})
	return err
}
