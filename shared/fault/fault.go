// Package fault says what can go wrong in words that every layer shares. The domain and the adapters
// choose a kind; the HTTP edge alone knows which number each kind has on the wire.
package fault

import (
	"errors"
	"strings"
)

// Kind says which response an error leads to.
type Kind string

// The kinds. What each is on the wire stands in one table, at the edge.
const (
	Invalid          Kind = "invalid"
	NotFound         Kind = "not_found"
	Unauthenticated  Kind = "unauthenticated"
	Forbidden        Kind = "forbidden"
	MethodNotAllowed Kind = "method_not_allowed"
	Conflict         Kind = "conflict"
	Throttled        Kind = "throttled"
	Internal         Kind = "internal"
	Unavailable      Kind = "unavailable"
	Gone             Kind = "gone"
)

// Error is a failure that the caller is shown. Message never holds a secret or a backend's own
// words: those are in Cause, which goes to the log only.
type Error struct {
	Kind     Kind
	Message  string
	Path     []string // the part of the request at fault: the first element is params, query, headers or body
	Metadata map[string]string
	Cause    error
}

// Error says what went wrong, for the log. It shows only the first element of Path: the others may be
// a client's own words, such as the name of an unknown field, and a client may have put a secret there
// by mistake.
func (e *Error) Error() string {
	text := string(e.Kind) + ": " + e.Message
	if len(e.Path) > 0 {
		text = e.Path[0] + ": " + text
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Cause }

// With returns e with another message.
func (e *Error) With(message string) *Error {
	other := *e
	other.Message = message
	return &other
}

// List is everything that is wrong with one request.
type List []*Error

func (l List) Error() string {
	texts := make([]string, len(l))
	for i, e := range l {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "; ")
}

// NewInvalid says what is wrong with the part of a request that path names.
func NewInvalid(message string, path ...string) *Error {
	return &Error{Kind: Invalid, Message: message, Path: path}
}

// NewThrottled says that the caller must try again later. The cause, which may be nil, goes to the log.
func NewThrottled(cause error) *Error {
	return &Error{Kind: Throttled, Message: "Too Many Requests: try again", Cause: cause}
}

// NewUnavailable says that a backend did not respond. The cause goes to the log.
func NewUnavailable(cause error) *Error {
	return &Error{Kind: Unavailable, Message: "Service Unavailable: try again", Cause: cause}
}

// NewInternal says that the service failed. The cause goes to the log.
func NewInternal(cause error) *Error {
	return &Error{Kind: Internal, Message: "Internal Error", Cause: cause}
}

// KindOf returns the kind of the first Error in err's chain: Internal if there is none, empty if err
// is nil.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Kind
	}
	return Internal
}
