package api

import (
	"context"
	"strings"

	"keepsake/shared/fault"
)

// RejectUnknownRoute answers what no other operation takes, in the contract's envelope: 405 where
// the path is known by other methods, else 404. It asks for no credential and touches nothing.
func RejectUnknownRoute(e Edge) Handler {
	return e.open("reject-unknown-route", func(_ context.Context, c *Call) (Answer, error) {
		methods := methodsOf(c.event.RawPath)
		if len(methods) == 0 {
			return Answer{}, &fault.Error{Kind: fault.NotFound, Message: "Not Found: there is no such route"}
		}
		allowed := strings.Join(methods, ", ")
		a := errorAnswer(&fault.Error{
			Kind: fault.MethodNotAllowed, Message: "Method Not Allowed: use " + allowed,
		})
		a.headers["Allow"] = allowed
		return a, nil
	})
}
