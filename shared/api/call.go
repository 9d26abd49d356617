package api

import (
	"net/netip"
	"time"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
)

// Call is one request on its way through an operation: who makes it, when, and for which workspace.
type Call struct {
	event      Event
	operation  string
	invocation string
	trace      string    // the request's trace, from telemetry.TraceID
	moment     time.Time // when the request came

	Now       time.Time // moment, cut to the second: the one time of the whole request
	Principal auth.Principal
	Workspace string // in which the caller acts

	about     string // for the log, the id of the secret if the path does not have it: made, or found by its name
	unaudited bool   // an audit line of the call could not be written

	untold        int // events that could not be told
	untoldBecause error
}

// Stamp returns who makes this call, when and from where.
func (c *Call) Stamp() secret.Stamp {
	return secret.Stamp{
		Operation:    c.operation,
		Principal:    c.Principal.ID,
		RequestID:    c.event.RequestContext.RequestID,
		InvocationID: c.invocation,
		SourceIP:     address(c.event.RequestContext.HTTP.SourceIP),
		ViewerIP:     address(c.event.Headers["x-viewer-address"]),
		TraceID:      c.trace,
		At:           c.moment,
	}
}

// maySee returns Forbidden if the caller may not see secrets in a state. With secrets:restore alone one sees
// only those that are soft-deleted.
func (c *Call) maySee(s secret.State) error {
	if s == secret.SoftDeleted {
		return nil
	}
	return c.Principal.May(auth.Read)
}

// address returns text if it is an IP address, else "": a client can write anything into a header, and
// only an address may go into the trail.
func address(text string) string {
	if _, err := netip.ParseAddr(text); err != nil {
		return ""
	}
	return text
}

// header returns a header by its lower-case name; nil if the request has none.
func (c *Call) header(name string) *string {
	if text, ok := c.event.Headers[name]; ok {
		return &text
	}
	return nil
}
