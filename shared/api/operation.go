package api

import (
	"context"

	"keepsake/shared/auth"
)

// operation is one of the API's operations; R is its request. It reads the request only if the caller has
// a scope for it, and acts only if the request has no faults: an operation cannot forget to check.
type operation[R any] struct {
	name  string
	scope auth.Scope
	or    []auth.Scope   // scopes that do instead; act then checks what they do not allow
	read  func(*input) R // takes the request apart, and notes in the input what is wrong
	act   func(context.Context, *Call, R) (Response, error)

	// refused, if it is not nil, is given the refusal of a caller without the scope, and the request,
	// which may be invalid. It returns the error that the caller is shown.
	refused func(context.Context, *Call, R, error) error
}

// handler returns a handler that authorizes the caller, reads the request, and acts on it.
func (op operation[R]) handler(e Edge) Handler {
	return e.open(op.name, func(ctx context.Context, c *Call) (Response, error) {
		in := &input{call: c}
		refusal := e.authorize(ctx, in, op.scope, op.or...)
		if refusal != nil && (op.refused == nil || c.Workspace == "") {
			return Response{}, refusal
		}
		request := op.read(in)
		defer wipe(request)
		if refusal != nil {
			return Response{}, op.refused(ctx, c, request, refusal)
		}
		if err := in.invalidities(); err != nil {
			return Response{}, err
		}
		return op.act(ctx, c, request)
	})
}

// wipe overwrites the request's value, if it has one.
func wipe(request any) {
	if holder, ok := request.(interface{ wipe() }); ok {
		holder.wipe()
	}
}
