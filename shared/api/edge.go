// Package api is the HTTP edge: it turns an API Gateway event into a call, finds out who calls,
// lets the operation act, and turns what comes of it into the contract's answer. Each operation
// is one small file; what they share stands here, once.
package api

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"keepsake/shared/auth"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/telemetry"
)

// margin is what a function keeps of its time limit to tell a caller that a backend did not
// answer within the rest.
const margin = 500 * time.Millisecond

// Request and Response are API Gateway's HTTP API payload, format 2.0.
type (
	Request  = events.APIGatewayV2HTTPRequest
	Response = events.APIGatewayV2HTTPResponse
)

// Handler is what a function starts with. It never returns an error: whatever goes wrong is an
// answer in the contract's form.
type Handler = func(context.Context, Request) (Response, error)

// Authenticator says who the bearer of an Authorization header is; a *fault.Error with code
// Unauthenticated if nobody.
type Authenticator interface {
	Authenticate(ctx context.Context, authorization string, now time.Time) (auth.Principal, error)
}

// Edge is what the operations share.
type Edge struct {
	Credentials Authenticator
	Now         func() time.Time
	Log         *slog.Logger
	Metrics     telemetry.Metrics
	OriginKey   string // see fromTheDistribution
}

// action is what an operation does, once its caller is known and may ask for it.
type action func(context.Context, *Call) (Answer, error)

// handler guards act: only a caller with the scope gets to it.
func (e Edge) handler(operation string, scope auth.Scope, act action) Handler {
	return e.open(operation, func(ctx context.Context, c *Call) (Answer, error) {
		if err := e.admit(ctx, c, scope); err != nil {
			return Answer{}, err
		}
		return act(ctx, c)
	})
}

// open runs act for anybody whose request comes through the distribution.
func (e Edge) open(operation string, act action) Handler {
	function := &telemetry.Function{Operation: operation, Log: e.Log, Metrics: e.Metrics, Now: e.Now}
	return func(ctx context.Context, event Request) (Response, error) {
		ctx, cancel := withMargin(ctx)
		defer cancel()
		ctx, run := function.Begin(ctx)
		now := e.Now().UTC()
		c := &Call{
			event: event, operation: operation, invocation: invocationID(ctx),
			trace:  telemetry.TraceID(event.Headers[telemetry.TraceparentHeader]),
			moment: now, Now: now.Truncate(time.Second),
		}
		answer, err := e.safely(ctx, c, act)
		if err != nil {
			answer = errorAnswer(c.inHTTP(err))
		}
		run.End(ctx, c.summary(answer, err, run.Took()))
		return answer.response(), nil
	}
}

// admit finds out who calls and for which workspace. A missing Akua-Context is no reason to stop
// here: it is reported with everything else that is wrong with the request.
func (e Edge) admit(ctx context.Context, c *Call, scope auth.Scope) error {
	p, err := e.Credentials.Authenticate(ctx, c.event.Headers["authorization"], c.Now)
	if err != nil {
		return err
	}
	c.Principal = p
	c.Workspace, err = p.Enter(c.header(auth.ContextHeader))
	if invalid := new(fault.Error); errors.As(err, &invalid) && invalid.Kind == fault.Invalid {
		c.fault(invalid)
		err = nil
	}
	if err != nil {
		return err
	}
	return p.May(scope)
}

// safely runs act and turns a panic into an internal error.
func (e Edge) safely(ctx context.Context, c *Call, act action) (a Answer, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.Panic(r)
		}
	}()
	if err := e.fromTheDistribution(c.event); err != nil {
		return Answer{}, err
	}
	return act(ctx, c)
}

func withMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-margin))
	}
	return context.WithCancel(ctx)
}

// invocationID names this run of the function. Outside Lambda it is made up: it must never be
// empty or equal to another's, for rows are recognised by it.
func invocationID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok && lc.AwsRequestID != "" {
		return lc.AwsRequestID
	}
	return secret.Sortable(time.Now())
}
