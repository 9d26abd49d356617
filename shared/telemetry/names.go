package telemetry

// The names of all metrics, in the namespace Keepsake. The template's alarms and its dashboard name
// each of them, and no other.
const (
	// Requests counts requests to the API.
	Requests = "Requests"
	// Latency is how long a request took in its function, in milliseconds.
	Latency = "Latency"
	// Errors counts responses from 400 up, by their reason.
	Errors = "Errors"
	// ServerErrors counts responses from 500 up.
	ServerErrors = "ServerErrors"
	// KmsCalls counts requests to KMS, retries included.
	KmsCalls = "KmsCalls"
	// AuditFailures counts lines not written to the audit trail.
	AuditFailures = "AuditFailures"
	// EventFailures counts events that EventBridge did not take.
	EventFailures = "EventFailures"
	// Purged counts secrets that were erased.
	Purged = "Purged"
	// PurgeLag is the longest time, in seconds, from a deadline until its secret's bytes were gone, or
	// until now if they remain.
	PurgeLag = "PurgeLag"
	// OrphanedVersions counts versions that outlived their purged secret and have now been destroyed.
	OrphanedVersions = "OrphanedVersions"
	// UnexplainedVersions counts versions that lost their metadata although nobody is known to have
	// deleted their secret. We leave them alone: a person must check.
	UnexplainedVersions = "UnexplainedVersions"
)
