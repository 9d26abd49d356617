package main

import (
	"context"
	"fmt"
	"io"
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

// dynamoDB is an engine of the stack's own, or one that runs elsewhere, with the template's tables.
type dynamoDB struct {
	elsewhere string // the URL of an engine that runs already; empty: start one
	template  *template.Template
	say       printer
	log       io.Writer

	url    string
	engine *engine.Engine // nil if it runs elsewhere
}

func (d *dynamoDB) start(ctx context.Context) (stop func(), err error) {
	if d.elsewhere != "" {
		return nil, d.use(ctx)
	}
	binary, err := engine.Install(ctx, engineDir, d.say)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data's folder: %w", err)
	}
	d.say("starting DynamoDB (Dynoxide), data in %s", dataDir)
	d.engine, err = engine.Start(ctx, engine.Config{Binary: binary, Data: dataPath, Log: d.log})
	if err != nil {
		return nil, err
	}
	d.url = d.engine.URL()
	return d.engine.Stop, tables.Create(ctx, d.client(), d.template)
}

// use takes the engine that AWS_ENDPOINT_URL_DYNAMODB names.
func (d *dynamoDB) use(ctx context.Context) error {
	d.url = d.elsewhere
	d.say("using the DynamoDB at %s", d.url)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", envfile.DynamoDB, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil { // said now: the SDK would try again and again
		return fmt.Errorf("%s=%s: nothing answers there; without %[1]s the stack starts an engine", envfile.DynamoDB, d.url)
	}
	_ = response.Body.Close()
	if err := tables.Create(ctx, d.client(), d.template); err != nil {
		return fmt.Errorf("%s=%s: %w", envfile.DynamoDB, d.url, err)
	}
	return nil
}

// ended is closed when the stack's own engine has ended. It is nil if the engine runs elsewhere.
func (d *dynamoDB) ended() <-chan struct{} {
	if d.engine == nil {
		return nil
	}
	return d.engine.Done()
}

// client talks to the engine directly, with every right, as the owner of a deployed stack does.
func (d *dynamoDB) client() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       template.Region,
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		BaseEndpoint: aws.String(d.url),
	})
}
