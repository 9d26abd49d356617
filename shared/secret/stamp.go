package secret

import "time"

// Stamp says who does something, when, from where, and by which operation. Every write leaves
// one on the row, and every read of a value leaves one in the audit trail.
type Stamp struct {
	Operation    string    // undelete-secret
	Principal    string    // who: tok_…
	RequestID    string    // the gateway's id of the request, which its caller sees too
	InvocationID string    // one run of the function: tells a write of this very run from any other
	SourceIP     string    // as the gateway saw it
	ViewerIP     string    // as the edge saw it; empty where a request came past the edge
	TraceID      string    // the trace that the request belongs to, 32 digits; empty where it names none
	At           time.Time // to the millisecond: orders the audit trail; rows keep seconds beside it
}
