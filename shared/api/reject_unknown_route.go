package api

import (
	"context"
	"strings"

	"keepsake/shared/fault"
)

// RejectUnknownRoute refuses a request that has no operation, in the contract's envelope: with 405 if the
// path has other methods, else with 404. It asks for no credential and calls no backend.
func RejectUnknownRoute(e Edge) Handler {
	return e.open("reject-unknown-route", func(_ context.Context, c *Call) (Response, error) {
		methods := methodsOf(c.event.RawPath)
		if len(methods) == 0 {
			return Response{}, &fault.Error{Kind: fault.NotFound, Message: "Not Found: there is no such route"}
		}
		allowed := strings.Join(methods, ", ")
		r := errorResponse(&fault.Error{
			Kind: fault.MethodNotAllowed, Message: "Method Not Allowed: use " + allowed,
		})
		r.headers["Allow"] = allowed
		return r, nil
	})
}
