package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/local/envfile"
)

// errNoStack is for who has not started one.
var errNoStack = errors.New("no stack runs in this checkout: start one with make run")

// place is where the token shall be good.
type place struct {
	table    string
	endpoint string // of a local DynamoDB; empty: AWS
}

// readPlace takes the running local stack, unless the environment names another table.
func readPlace(getenv func(string) string) (place, error) {
	p := place{table: getenv(envfile.Tokens), endpoint: getenv(envfile.DynamoDB)}
	if p.table != "" {
		return p, nil
	}
	local, err := envfile.Read(envfile.Path)
	if err != nil {
		return p, errNoStack
	}
	p.table = local[envfile.Tokens]
	if p.endpoint == "" {
		p.endpoint = local[envfile.DynamoDB]
	}
	if p.table == "" || p.endpoint == "" {
		return p, fmt.Errorf("%s lacks %s or %s: make run writes it anew", envfile.Path, envfile.Tokens, envfile.DynamoDB)
	}
	return p, nil
}

// database talks to the place. A local one takes any credentials and must never see real ones.
func (p place) database(ctx context.Context) (*dynamodb.Client, error) {
	if p.endpoint != "" {
		return dynamodb.New(dynamodb.Options{
			Region:       "us-east-1",
			Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
			BaseEndpoint: aws.String(p.endpoint),
			// It answers or it does not run: no use in trying again.
			RetryMaxAttempts: 1,
		}), nil
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("read AWS's settings: %w", err)
	}
	return dynamodb.NewFromConfig(cfg), nil
}

// explain turns a refused connection into what it means.
func (p place) explain(err error) error {
	if p.endpoint != "" && errors.Is(err, syscall.ECONNREFUSED) {
		return errNoStack
	}
	return err
}
