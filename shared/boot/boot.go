// Package boot builds a function's dependencies from its environment. It is the only package that
// configures the AWS SDK. Package boot/keys adds KMS, so that a function without a key does not
// even link it.
//
// template.yaml sets the environment. If a variable is missing or wrong, the function ends while
// it starts, with one line that names the variable.
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
	"keepsake/shared/awshttp"
	"keepsake/shared/job"
	"keepsake/shared/store"
	"keepsake/shared/telemetry"
)

// Env is a function's environment. Call its methods only before Serve.
type Env struct {
	AWS aws.Config

	log     *slog.Logger
	db      *dynamodb.Client
	faults  []error
	warmers []func(context.Context)
}

// Environment reads what every function needs: region, credentials, endpoints. The SDK's own reader would
// link profiles, SSO and STS, which a function never uses.
func Environment() *Env {
	e := &Env{log: slog.New(slog.NewJSONHandler(os.Stderr, nil))}
	e.AWS = aws.Config{
		Region:        e.Var("AWS_REGION"),
		Credentials:   credentials(),
		BaseEndpoint:  endpoint(),
		ConfigSources: []any{endpoints{}},
		HTTPClient:    e.client(),
		Retryer:       newRetryer,
		APIOptions:    []func(*middleware.Stack) error{telemetry.Measure, awsfault.Classify},
	}
	e.db = dynamodb.NewFromConfig(e.AWS)
	return e
}

// client returns the HTTP client of all calls to AWS.
func (e *Env) client() aws.HTTPClient {
	client := http.NewBuildableClient().WithTimeout(attemptTimeout)
	roots, err := newTrust()
	if err != nil {
		e.faults = append(e.faults, err)
		return client
	}
	return awshttp.Client{BuildableClient: client.WithTransportOptions(roots.apply)}
}

// Edge returns what every operation shares.
func (e *Env) Edge() api.Edge {
	edge := e.BareEdge()
	table := e.Var("TOKENS_TABLE")
	tokens := auth.NewTokens(e.db, table)
	e.Warm(tokens.Connect)
	edge.Credentials = auth.Credentials{Tokens: tokens, JWTs: e.jwts(), Trusts: auth.NewTrusts(e.db, table, nil)}
	return edge
}

// BareEdge returns an edge for a function that requires no credential.
func (e *Env) BareEdge() api.Edge {
	return api.Edge{
		Now: time.Now, Log: e.log, Metrics: e.metrics(),
		OriginKey: e.Var("ORIGIN_KEY"), OriginKeyNext: os.Getenv("ORIGIN_KEY_NEXT"),
	}
}

// Secrets returns the table of secrets.
func (e *Env) Secrets() *store.Store { return store.New(e.db, e.Var("SECRETS_TABLE")) }

// Trail returns the audit table.
func (e *Env) Trail() *audit.Trail { return audit.New(e.db, e.Var("AUDIT_TABLE")) }

// TrailReader returns the audit table for the three functions that read it.
func (e *Env) TrailReader() *audit.Reader { return audit.NewReader(e.db, e.Var("AUDIT_TABLE")) }

// Dashboard returns the base of every html_url; empty if it is the host that the caller has called.
func (e *Env) Dashboard() api.Dashboard { return api.Dashboard(os.Getenv("DASHBOARD_URL")) }

// Retention returns how long a deleted secret can be undeleted.
func (e *Env) Retention() time.Duration {
	d, err := parseRetention(e.Var("RETENTION"), os.Getenv("SHORT_RETENTION") != "")
	if err != nil {
		e.faults = append(e.faults, fmt.Errorf("RETENTION: %w", err))
	}
	return d
}

// Refuse keeps the function from starting, with err in the line that says why.
func (e *Env) Refuse(err error) { e.faults = append(e.faults, err) }

// Var returns an environment variable that must be set.
func (e *Env) Var(name string) string {
	value := os.Getenv(name)
	if value == "" {
		e.faults = append(e.faults, fmt.Errorf("%s is not set", name))
	}
	return value
}

// Runner returns what every job shares.
func (e *Env) Runner() job.Runner { return job.Runner{Now: time.Now, Log: e.log, Metrics: e.metrics()} }

// metrics returns the stack's metrics, by operation too if the environment says so.
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

// Serve hands h to Lambda and does not return. If the environment is wrong, it ends the function
// instead.
func (e *Env) Serve(h api.Handler) {
	e.check()
	e.warm(warmTime)
	lambda.StartHandlerFunc(h)
}

// ServeJob is Serve for a job that a schedule starts.
func (e *Env) ServeJob(h job.Handler) {
	e.check()
	lambda.Start(h)
}

// ServeStream is Serve for a consumer of the table's stream.
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
