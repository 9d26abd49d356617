package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/engine"
	"keepsake/infra/cloud/tables"
	"keepsake/infra/envfile"
	"keepsake/infra/template"
)

func (s *stack) startDynamoDB(ctx context.Context) error {
	if s.settings.dynamodb != "" {
		return s.useDynamoDB(ctx)
	}
	binary, err := engine.Install(ctx, engineDir, s.say)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return fmt.Errorf("make the data's folder: %w", err)
	}
	s.say("starting DynamoDB (Dynoxide), data in %s", dataDir)
	s.engine, err = engine.Start(ctx, engine.Config{Binary: binary, Data: dataPath, Log: s.log})
	if err != nil {
		return err
	}
	s.atEnd(s.engine.Stop)
	s.dynamodb = s.engine.URL()
	return tables.Create(ctx, s.database(), s.template)
}

// useDynamoDB takes the engine that AWS_ENDPOINT_URL_DYNAMODB names.
func (s *stack) useDynamoDB(ctx context.Context) error {
	s.dynamodb = s.settings.dynamodb
	s.say("using the DynamoDB at %s", s.dynamodb)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.dynamodb, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", envfile.DynamoDB, err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil { // before the SDK tries again and again
		return fmt.Errorf("%s=%s: nothing answers there; without %[1]s the stack starts an engine", envfile.DynamoDB, s.dynamodb)
	}
	_ = answer.Body.Close()
	if err := tables.Create(ctx, s.database(), s.template); err != nil {
		return fmt.Errorf("%s=%s: %w", envfile.DynamoDB, s.dynamodb, err)
	}
	return nil
}

func (s *stack) engineEnded() <-chan struct{} {
	if s.engine == nil {
		return nil // never: it is not ours
	}
	return s.engine.Done()
}

// database talks to DynamoDB past the functions' endpoint, as who deploys a stack does.
func (s *stack) database() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       template.Region,
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		BaseEndpoint: aws.String(s.dynamodb),
	})
}
