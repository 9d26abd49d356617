package secret

import (
	"strings"
	"time"
)

// Code says what kind of answer an error is due.
type Code string

// The codes. What each is on the wire stands in one table, at the edge.
const (
	Invalid          Code = "invalid"
	NotFound         Code = "not_found"
	Unauthenticated  Code = "unauthenticated"
	Forbidden        Code = "forbidden"
	MethodNotAllowed Code = "method_not_allowed"
	Conflict         Code = "conflict"
	Throttled        Code = "throttled"
	Internal         Code = "internal"
	Unavailable      Code = "unavailable"
	Gone             Code = "gone"
)

// The reasons that tell conflicts apart, in an error's metadata under "reason".
const (
	ReasonAborted      = "ABORTED"                // the etag is stale
	ReasonPrecondition = "FAILED_PRECONDITION"    // the resource is in the wrong state
	ReasonKeyReused    = "IDEMPOTENCY_KEY_REUSED" // the key came with another request
)

// Error is a failure that a caller is told of. Message never holds a secret or a backend's own
// words: those are in Cause, which goes to the log only.
type Error struct {
	Code     Code
	Message  string
	Path     []string // what is at fault: the first element is params, query, headers or body
	Metadata map[string]string
	Cause    error

	ForReaders string // told in the place of Message to a caller who may read metadata; empty: Message
}

// Error says what went wrong, for the log. Of Path it has the first element alone: those behind it may
// be a client's own words, the name of a field that does not exist, say, and a client may have put a
// secret there by mistake.
func (e *Error) Error() string {
	text := string(e.Code) + ": " + e.Message
	if len(e.Path) > 0 {
		text = e.Path[0] + ": " + text
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Cause }

// With is e with another message.
func (e *Error) With(message string) *Error {
	other := *e
	other.Message = message
	return &other
}

// Faults are all that is wrong with one request.
type Faults []*Error

func (f Faults) Error() string {
	texts := make([]string, len(f))
	for i, e := range f {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "; ")
}

// InvalidError says what is wrong with the part of a request that path names.
func InvalidError(message string, path ...string) *Error {
	return &Error{Code: Invalid, Message: message, Path: path}
}

// NotFoundError is the one answer for a secret that never was, is gone, or is another workspace's.
func NotFoundError() *Error { return notFound("there is no such secret") }

// NoRouteError says that no operation has such a path.
func NoRouteError() *Error { return notFound("there is no such route") }

// NoVersionError says that a secret, which the caller may know of, has no version with the id that
// was asked for.
func NoVersionError() *Error { return notFound("the secret has no such version") }

// NoAliasError says that a secret, which the caller may know of, has no such alias.
func NoAliasError() *Error { return notFound("the secret has no such alias") }

// NoEnabledVersionError says that a secret, which the caller may know of, has no enabled version.
func NoEnabledVersionError() *Error { return notFound("the secret has no enabled version") }

// DeletedError is NotFoundError for a soft-deleted secret. A caller who may read the secret's
// metadata is told until when an undelete brings it back.
func DeletedError(purgeAt time.Time) *Error {
	e := NotFoundError()
	e.ForReaders = "Not Found: the secret is deleted; undelete brings it back until " + purgeAt.UTC().Format(time.RFC3339)
	return e
}

func notFound(what string) *Error { return &Error{Code: NotFound, Message: "Not Found: " + what} }

// GoneError says that what was asked for has been erased for good.
func GoneError(message string) *Error { return &Error{Code: Gone, Message: message} }

// StaleEtagError says that the resource has changed; current is the etag to go on with.
func StaleEtagError(current Etag) *Error {
	return conflict("ABORTED: the resource has changed since the etag in If-Match", ReasonAborted, current)
}

// StaleVersionEtagError is StaleEtagError for a version: the etag that is mixed up with its secret's.
func StaleVersionEtagError(current Etag) *Error {
	return conflict("ABORTED: the version has changed since the etag in If-Match, which is the version's own and not the secret's", ReasonAborted, current)
}

// PreconditionError says that the resource's state does not allow the operation.
func PreconditionError(message string, current Etag) *Error {
	return conflict(message, ReasonPrecondition, current)
}

// KeyReusedError says that an idempotency key has already come with another request.
func KeyReusedError() *Error {
	return &Error{
		Code:     Conflict,
		Message:  "the Idempotency-Key has already been used with another request",
		Path:     []string{"headers", "idempotency-key"},
		Metadata: map[string]string{"reason": ReasonKeyReused},
	}
}

// UnavailableError says that a backend did not answer; cause goes to the log.
func UnavailableError(cause error) *Error {
	return &Error{Code: Unavailable, Message: "Service Unavailable: try again", Cause: cause}
}

func conflict(message, reason string, current Etag) *Error {
	return &Error{
		Code:     Conflict,
		Message:  message,
		Metadata: map[string]string{"reason": reason, "etag": current.String()},
	}
}
