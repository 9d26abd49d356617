// Package place finds a table for the programs that people run beside a stack: in the stack that
// runs in this checkout, or in a deployed one.
package place

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

// ErrNoStack is for who has not started one.
var ErrNoStack = errors.New("no stack runs in this checkout: start one with make run")

// Place is where a table lies.
type Place struct {
	Table    string
	Endpoint string // of a local DynamoDB; empty: AWS
}

// Find takes the running local stack, unless the environment names another table in variable, which
// is also its name in the stack's envfile. The error is ErrNoStack if none has ever run.
func Find(getenv func(string) string, variable string) (Place, error) {
	p := Place{Table: getenv(variable), Endpoint: getenv(envfile.DynamoDB)}
	if p.Table != "" {
		return p, nil
	}
	local, err := envfile.Read(envfile.Path)
	if err != nil {
		return p, ErrNoStack
	}
	p.Table = local[variable]
	if p.Endpoint == "" {
		p.Endpoint = local[envfile.DynamoDB]
	}
	if p.Table == "" || p.Endpoint == "" {
		return p, fmt.Errorf("%s lacks %s or %s: make run writes it anew", envfile.Path, variable, envfile.DynamoDB)
	}
	return p, nil
}

// Database talks to the place. A local one takes any credentials and must never see real ones.
func (p Place) Database(ctx context.Context) (*dynamodb.Client, error) {
	if p.Endpoint != "" {
		return dynamodb.New(dynamodb.Options{
			Region:       "us-east-1",
			Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
			BaseEndpoint: aws.String(p.Endpoint),
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

// Explain turns a refused connection into what it means: ErrNoStack.
func (p Place) Explain(err error) error {
	if p.Endpoint != "" && errors.Is(err, syscall.ECONNREFUSED) {
		return ErrNoStack
	}
	return err
}
