// Package api is the HTTP edge: it turns an API Gateway event into a call, authorizes the caller, reads
// and checks the request, runs the operation, and turns the outcome into the contract's response. Each
// operation is one small file.
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

// margin is how long before a function's time limit its calls to backends are cut off, so that it can
// still respond to the caller.
const margin = 500 * time.Millisecond

// Event and Result are API Gateway's HTTP API payload, format 2.0.
type (
	Event  = events.APIGatewayV2HTTPRequest
	Result = events.APIGatewayV2HTTPResponse
)

// Handler serves one function. It never returns an error: whatever goes wrong becomes a response in the
// contract's form.
type Handler = func(context.Context, Event) (Result, error)

// Authenticator returns the principal of an Authorization header, or a *fault.Error of the kind
// Unauthenticated if the credential is missing or not valid.
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

	OriginKeyNext string // may be empty
}

// open returns a handler that runs act without asking for a credential. The request must come through
// the distribution.
func (e Edge) open(operation string, act func(context.Context, *Call) (Response, error)) Handler {
	function := &telemetry.Function{Operation: operation, Log: e.Log, Metrics: e.Metrics, Now: e.Now}
	return func(ctx context.Context, event Event) (Result, error) {
		ctx, cancel := withMargin(ctx)
		defer cancel()
		ctx, run := function.Begin(ctx)
		now := e.Now().UTC()
		c := &Call{
			event: event, operation: operation, invocation: invocationID(ctx),
			trace:  telemetry.TraceID(event.Headers[telemetry.TraceparentHeader]),
			moment: now, Now: now.Truncate(time.Second),
		}
		response, err := e.safely(ctx, c, act)
		if err != nil {
			response = errorResponse(c.inHTTP(err))
		}
		run.End(ctx, c.summary(response, err, run.Took()))
		return response.result(), nil
	}
}

// authorize sets the call's principal and workspace, and refuses a caller without one of the scopes. It only
// notes a missing Akua-Context, which the response lists with everything else that is wrong.
func (e Edge) authorize(ctx context.Context, in *input, scope auth.Scope, others ...auth.Scope) error {
	c := in.call
	p, err := e.Credentials.Authenticate(ctx, c.event.Headers["authorization"], c.Now)
	if err != nil {
		return err
	}
	c.Principal = p
	c.Workspace, err = p.Enter(c.header(auth.ContextHeader))
	if invalid := new(fault.Error); errors.As(err, &invalid) && invalid.Kind == fault.Invalid {
		in.note(invalid)
		err = nil
	}
	if err != nil {
		return err
	}
	return p.May(scope, others...)
}

// safely runs act and turns a panic into an internal error.
func (e Edge) safely(ctx context.Context, c *Call, act func(context.Context, *Call) (Response, error)) (r Response, err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = fault.Panic(recovered)
		}
	}()
	if err := e.fromTheDistribution(c.event); err != nil {
		return Response{}, err
	}
	return act(ctx, c)
}

func withMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-margin))
	}
	return context.WithCancel(ctx)
}

// invocationID returns the id of this run of the function. Outside Lambda it makes one up: it must never
// be empty or equal to another run's, because a retry recognises its own writes by it.
func invocationID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok && lc.AwsRequestID != "" {
		return lc.AwsRequestID
	}
	return secret.Sortable(time.Now())
}
