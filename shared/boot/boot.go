// Package boot turns a function's environment into what it works with. It is the one place that
// binds the AWS SDK; package boot/keys beside it adds KMS, so that a function without a key does
// not even link it.
//
// The environment comes from template.yaml. What is missing or wrong ends the function while it
// starts, with one line that names it.
package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"keepsake/shared/api"
	"keepsake/shared/audit"
	"keepsake/shared/auth"
	"keepsake/shared/awsfault"
	"keepsake/shared/job"
	"keepsake/shared/store"
	"keepsake/shared/telemetry"
)

// Env is a function's environment. Its methods may be called before Serve only.
type Env struct {
	AWS aws.Config

	log     *slog.Logger
	db      *dynamodb.Client
	faults  []error
	warmers []func(context.Context)
}

// Environment reads what every function has: region, credentials, endpoints. The SDK's own reader would
// link profiles, SSO and STS, which a function never uses.
func Environment() *Env {
	e := &Env{log: slog.New(slog.NewJSONHandler(os.Stderr, nil))}
	e.AWS = aws.Config{
		Region:        e.Var("AWS_REGION"),
		Credentials:   credentials(),
		BaseEndpoint:  endpoint(),
		ConfigSources: []any{endpoints{}},
		HTTPClient:    http.NewBuildableClient().WithTimeout(attemptTimeout),
		Retryer:       newRetryer,
		APIOptions:    []func(*middleware.Stack) error{telemetry.Measure, awsfault.Classify},
	}
	e.db = dynamodb.NewFromConfig(e.AWS)
	return e
}

// Edge is what every operation shares.
func (e *Env) Edge() api.Edge {
	edge := e.BareEdge()
	tokens := auth.NewTokens(e.db, e.Var("TOKENS_TABLE"))
	e.Warm(tokens.Connect)
	edge.Credentials = auth.Credentials{Tokens: tokens, JWTs: e.jwts()}
	return edge
}

// BareEdge is an edge for a function that asks for no credential.
func (e *Env) BareEdge() api.Edge {
	return api.Edge{Now: time.Now, Log: e.log, Metrics: e.metrics(), OriginKey: e.Var("ORIGIN_KEY")}
}

// Secrets is the table of secrets.
func (e *Env) Secrets() *store.Store { return store.New(e.db, e.Var("SECRETS_TABLE")) }

// Trail is the audit table.
func (e *Env) Trail() *audit.Trail { return audit.New(e.db, e.Var("AUDIT_TABLE")) }

// TrailReader is the audit table to the one job that asks it what has happened.
func (e *Env) TrailReader() *audit.Reader { return audit.NewReader(e.db, e.Var("AUDIT_TABLE")) }

// Dashboard is where html_url points.
func (e *Env) Dashboard() api.Dashboard { return api.Dashboard(e.Var("DASHBOARD_URL")) }

// Retention is how long a deleted secret can be brought back.
func (e *Env) Retention() time.Duration {
	d, err := parseRetention(e.Var("RETENTION"), os.Getenv("SHORT_RETENTION") != "")
	if err != nil {
		e.faults = append(e.faults, fmt.Errorf("RETENTION: %w", err))
	}
	return d
}

// Var is an environment variable that must be set.
func (e *Env) Var(name string) string {
	value := os.Getenv(name)
	if value == "" {
		e.faults = append(e.faults, fmt.Errorf("%s is not set", name))
	}
	return value
}

// Runner is what every job shares.
func (e *Env) Runner() job.Runner { return job.Runner{Now: time.Now, Log: e.log, Metrics: e.metrics()} }

// metrics are the stack's, by operation where the environment asks for that.
func (e *Env) metrics() telemetry.Metrics {
	const detailed = "DETAILED_METRICS"
	m := telemetry.Metrics{Stack: e.Var("STACK")}
	switch os.Getenv(detailed) {
	case "true":
		m.Detailed = true
	case "", "false":
	default:
		e.faults = append(e.faults, errors.New(detailed+": must be true or false"))
	}
	return m
}

// Serve hands h to Lambda and does not return. If something was wrong with the environment it
// ends the function instead.
func (e *Env) Serve(h api.Handler) {
	e.check()
	e.warm(warmTime)
	lambda.StartHandlerFunc(h)
}

// ServeJob is Serve for what a schedule starts.
func (e *Env) ServeJob(h job.Handler) {
	e.check()
	lambda.Start(h)
}

// ServeStream is Serve for what the table's stream wakes.
func (e *Env) ServeStream(h job.StreamHandler) {
	e.check()
	lambda.StartHandlerFunc(h)
}

func (e *Env) check() {
	if err := errors.Join(e.faults...); err != nil {
		e.log.LogAttrs(context.Background(), slog.LevelError, "cannot start", slog.String("error", err.Error()))
		os.Exit(1)
	}
}
