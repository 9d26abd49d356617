package secret

import (
	"strings"
	"time"

	"keepsake/shared/fault"
)

// The reasons that tell conflicts apart. They are in an error's metadata under "reason".
const (
	ReasonAborted      = "ABORTED"             // the etag is stale
	ReasonPrecondition = "FAILED_PRECONDITION" // the resource is in the wrong state
	ReasonNotUnique    = "NAME_NOT_UNIQUE"     // several secrets have the name
)

// NotFoundError is the same for a secret that never existed, is gone, or belongs to another workspace.
func NotFoundError() *fault.Error { return notFound("there is no such secret") }

// NoVersionError says that the secret has no version with the requested id. The caller may know
// that the secret exists. So it is for the next two errors.
func NoVersionError() *fault.Error { return notFound("the secret has no such version") }

// NoAliasError says that the secret has no such alias.
func NoAliasError() *fault.Error { return notFound("the secret has no such alias") }

// NoEnabledVersionError says that the secret has no enabled version.
func NoEnabledVersionError() *fault.Error { return notFound("the secret has no enabled version") }

// NoNameError says that no active secret has the name.
func NoNameError() *fault.Error { return notFound("no active secret has this name") }

// NotUniqueError says that all of these active secrets have the name, and others besides if there are more.
func NotUniqueError(namesakes []Secret, more bool) *fault.Error {
	message := "the name is not unique: read one of the secrets in metadata.ids by its id"
	if more {
		message = "the name is not unique: more secrets have it than the first in metadata.ids; read one by its id"
	}
	return &fault.Error{
		Kind: fault.Conflict, Message: message,
		Metadata: map[string]string{"reason": ReasonNotUnique, "ids": idsOf(namesakes)},
	}
}

// NameDeletedError says that no active secret has the name, and that soft-deleted ones have it. It unwraps to
// NoNameError, which reveals nothing. A caller that may see the trash may see the rest.
type NameDeletedError struct {
	Deleted []Secret // at least one
}

func (e *NameDeletedError) Error() string { return e.Unwrap().Error() }

func (e *NameDeletedError) Unwrap() error { return NoNameError() }

// IDs returns the ids of the deleted secrets, with spaces between them.
func (e *NameDeletedError) IDs() string { return idsOf(e.Deleted) }

func idsOf(secrets []Secret) string {
	ids := make([]string, len(secrets))
	for i, s := range secrets {
		ids[i] = s.ID
	}
	return strings.Join(ids, " ")
}

func notFound(what string) *fault.Error {
	return &fault.Error{Kind: fault.NotFound, Message: "Not Found: " + what}
}

// DeletedError says that the secret is soft-deleted. It unwraps to NotFoundError, which reveals
// nothing. A caller that may read metadata may see PurgeAt.
type DeletedError struct {
	PurgeAt time.Time // until then an undelete brings the secret back
}

func (e *DeletedError) Error() string { return e.Unwrap().Error() }

func (e *DeletedError) Unwrap() error { return NotFoundError() }

// StaleEtagError says that a resource has changed since the caller read it. It unwraps to a
// *fault.Error that holds the current etag.
type StaleEtagError struct {
	Version bool // the etag of a version, which callers mix up with its secret's
	Current Etag
}

func (e *StaleEtagError) Error() string { return e.Unwrap().Error() }

func (e *StaleEtagError) Unwrap() error {
	return conflict("ABORTED: the etag is stale", ReasonAborted, e.Current)
}

// PreconditionError says that the resource's state does not allow the operation.
func PreconditionError(message string, current Etag) *fault.Error {
	return conflict(message, ReasonPrecondition, current)
}

// GoneError says that the requested payload has been erased for good.
func GoneError(message string) *fault.Error { return &fault.Error{Kind: fault.Gone, Message: message} }

func conflict(message, reason string, current Etag) *fault.Error {
	return &fault.Error{
		Kind:     fault.Conflict,
		Message:  message,
		Metadata: map[string]string{"reason": reason, "etag": current.String()},
	}
}
