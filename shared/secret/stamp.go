package secret

import "time"

// Stamp says who does something, when, from where, and by which operation. Every change leaves its
// stamp on the row, and every read of a value leaves one in the audit trail.
type Stamp struct {
	Operation    string    // undelete-secret
	Principal    string    // who: tok_…, jwt:…, tru_…:… or service:…
	RequestID    string    // the gateway's id of the request, which its caller sees too
	InvocationID string    // one run of the function: distinguishes its writes from those of any other run; empty for a job outside Lambda
	SourceIP     string    // as the gateway saw it
	ViewerIP     string    // as the edge saw it; empty if the request bypassed the edge
	TraceID      string    // the trace that the request belongs to, 32 digits; empty if it names none
	At           time.Time // to the millisecond: orders the audit trail; rows keep seconds beside it
}
