package secret

import (
	"fmt"
	"time"
)

// MaxVersions is how many versions a secret may have in its life. All that is stored of one secret must
// stay below 10 GB: above that the database takes no write that makes any of it larger, and a soft
// delete makes it larger.
const MaxVersions = 100_000

// State is where a secret stands between its creation and its purge.
type State string

// The states of a secret. A purged one has no state: it is not there.
//
// Purging is never shown: from that mark on the secret is gone, whatever the clock says, and what
// is left of it is being erased. There is no way back from it.
const (
	Active      State = "active"
	SoftDeleted State = "soft_deleted"
	Purging     State = "purging"
)

// Mechanism says what erased a secret.
type Mechanism string

// The mechanisms: a hard delete, the schedule, and the database's own expiry of rows.
const (
	ByForce    Mechanism = "force"
	BySchedule Mechanism = "schedule"
	ByTTL      Mechanism = "ttl"
)

// Secret is what is known about a secret: everything but its values.
type Secret struct {
	Ref
	Name        string // a label for people, 1 to 200 characters; need not be unique
	Kind        Kind
	Description string            // up to 500 characters; empty: none
	Labels      map[string]string // at most 200 entries, 16 KiB in all
	MimeType    string            // up to 100 characters; empty: none

	State      State
	Validation *Validation // nil for kinds that are no provider's credential

	VersionAliases      map[string]int // alias to version number
	VersionCount        int            // versions ever made: the newest one's number
	EnabledVersionCount int

	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt time.Time // zero unless soft-deleted
	PurgeAt   time.Time // zero unless soft-deleted: the first second in which it is gone

	Etag Etag
}

// Validation is what the provider of a credential said of it.
type Validation struct {
	State       ValidationState
	ValidatedAt time.Time // when State was last set
	Error       string    // the provider's words; empty: none
}

// ValidationState is a provider's verdict on a credential.
type ValidationState string

// The verdicts. Unspecified: the provider has not been asked, or did not answer.
const (
	ValidationUnspecified ValidationState = "unspecified"
	ValidationValid       ValidationState = "valid"
	ValidationInvalid     ValidationState = "invalid"
)

// Binding is what the payload of s's version of that number is sealed for.
func (s Secret) Binding(number int) Binding {
	return Binding{VersionRef: s.Version(number), Kind: s.Kind}
}

// Purged reports whether s is gone at now, though its row may still lie in the table.
func (s Secret) Purged(now time.Time) bool {
	return s.State == Purging || s.State == SoftDeleted && !now.Before(s.PurgeAt)
}

// RefuseWrite says why a soft delete or an update was refused that found s as it is at now: if
// nothing else explains it, the etag was stale.
func (s Secret) RefuseWrite(now time.Time) error {
	if err := s.RefuseChange(now); err != nil {
		return err
	}
	return &StaleEtagError{Current: s.Etag}
}

// RefuseChange says why nothing of s can be changed or read at now; nil if it is active.
func (s Secret) RefuseChange(now time.Time) error {
	switch {
	case s.State == Active:
		return nil
	case s.State == SoftDeleted && !s.Purged(now):
		return &DeletedError{PurgeAt: s.PurgeAt}
	}
	return NotFoundError()
}

// RefuseNewVersion says why s takes no further version at now; nil if it does.
func (s Secret) RefuseNewVersion(now time.Time) error {
	if err := s.RefuseChange(now); err != nil {
		return err
	}
	if s.VersionCount >= MaxVersions {
		return PreconditionError(fmt.Sprintf("the secret has %d versions, the most that a secret may have", MaxVersions), s.Etag)
	}
	return nil
}

// RefuseHardDelete says why a hard delete was refused that found s as it is at now: if nothing else
// explains it, the etag was stale.
func (s Secret) RefuseHardDelete(now time.Time) error {
	if s.Purged(now) {
		return NotFoundError()
	}
	return &StaleEtagError{Current: s.Etag}
}

// RefuseUndelete says why an undelete was refused that found s as it is at now: if nothing else
// explains it, the etag was stale.
func (s Secret) RefuseUndelete(now time.Time) error {
	if s.Purged(now) {
		return NotFoundError()
	}
	if s.State == Active {
		return PreconditionError("the secret is active: there is nothing to undelete", s.Etag)
	}
	return &StaleEtagError{Current: s.Etag}
}

// RefuseAccess says why v, a version of s, may not be read at now; nil if it may.
func (s Secret) RefuseAccess(v Version, now time.Time) error {
	switch {
	case s.State != Active:
		return s.RefuseChange(now)
	case v.State == Destroyed:
		return GoneError("the version is destroyed")
	case v.State != Enabled:
		return PreconditionError("the version is disabled", v.Etag)
	}
	return nil
}
