package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"keepsake/infra/bench/tape"
	"keepsake/shared/awshttp"
)

// clients are the SDK's, with its own settings. Their HTTP client loses no response: bare would make the
// call again.
type clients struct {
	db   *dynamodb.Client
	keys *kms.Client
}

func newClients() clients {
	config := aws.Config{
		Region:       os.Getenv("AWS_REGION"),
		Credentials:  credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
		BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")),
		HTTPClient:   awshttp.Client{BuildableClient: http.NewBuildableClient()},
	}
	return clients{dynamodb.NewFromConfig(config), kms.NewFromConfig(config)}
}

// call makes a call ready to be made.
func (c clients) call(one tape.Call) (call, error) {
	switch one.Name {
	case "dynamodb:GetItem":
		return ready(c.db.GetItem, one)
	case "dynamodb:BatchGetItem":
		return ready(c.db.BatchGetItem, one)
	case "dynamodb:Query":
		return ready(c.db.Query, one)
	case "dynamodb:PutItem":
		return ready(c.db.PutItem, one)
	case "dynamodb:UpdateItem":
		return ready(c.db.UpdateItem, one)
	case "dynamodb:TransactWriteItems":
		return ready(c.db.TransactWriteItems, one)
	case "kms:GenerateDataKey":
		return ready(c.keys.GenerateDataKey, one)
	case "kms:GenerateMac":
		return ready(c.keys.GenerateMac, one)
	case "kms:Decrypt":
		return ready(c.keys.Decrypt, one)
	}
	return nil, fmt.Errorf("bare does not know this call")
}

// ready decodes a call's input once, as the SDK's own type.
func ready[In, Out, Options any](method func(context.Context, *In, ...func(*Options)) (*Out, error), one tape.Call) (call, error) {
	input := new(In)
	if err := tape.Decode(one.Body, input); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		_, err := method(ctx, input)
		return err
	}, nil
}
