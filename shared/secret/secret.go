package secret

import (
	"fmt"
	"time"
)

// MaxVersions is how many versions a secret may ever have. All rows of one secret together must stay
// below 10 GB: above that the database refuses writes that make a row larger, and a soft delete does.
const MaxVersions = 100_000

// State is a secret's state between its creation and its purge.
type State string

// The states of a secret. A purged secret has no state: it has no row.
//
// Clients never see Purging. Once a secret has this state it is gone, whatever the clock says. Its rows
// are being erased, and nothing can undo that.
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

// Secret is a secret's metadata: everything but its values.
type Secret struct {
	Ref
	Name        string // for people, 1 to 200 characters; need not be unique
	Kind        Kind
	Description string            // up to 500 characters; empty: none
	Labels      map[string]string // at most 200, of 200 characters each, 16 KiB together
	MimeType    string            // up to 100 characters; empty: none

	State      State
	Validation *Validation // nil unless Kind.IsCredential

	VersionAliases      map[string]int // alias to version number
	VersionCount        int            // versions ever made, and so the newest version's number
	EnabledVersionCount int

	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt time.Time // zero unless soft-deleted
	PurgeAt   time.Time // zero unless soft-deleted: from this second on it is gone

	Etag Etag
}

// Validation is the last verdict of a credential's provider.
type Validation struct {
	State       ValidationState
	ValidatedAt time.Time // when State was last set
	Error       string    // why it is invalid, in words of ours; empty: no reason
}

// ValidationState is a provider's verdict on a credential.
type ValidationState string

// The verdicts. Unspecified: the provider has not been asked, or has not answered.
const (
	ValidationUnspecified ValidationState = "unspecified"
	ValidationValid       ValidationState = "valid"
	ValidationInvalid     ValidationState = "invalid"
)

// Binding returns what the payload of s's version with that number is sealed for.
func (s Secret) Binding(number int) Binding {
	return Binding{VersionRef: s.Version(number), Kind: s.Kind}
}

// Purged reports whether s is gone at now, although its rows may still be in the table.
func (s Secret) Purged(now time.Time) bool {
	return s.State == Purging || s.State == SoftDeleted && !now.Before(s.PurgeAt)
}

// RefuseWrite returns why a soft delete or an update of s was refused at now. s is the row that the
// refused write found. If its state does not explain it, the etag was stale.
func (s Secret) RefuseWrite(now time.Time) error {
	if err := s.RefuseChange(now); err != nil {
		return err
	}
	return &StaleEtagError{Current: s.Etag}
}

// RefuseChange returns why s may not be changed, nor its values read, at now. nil: s is active.
func (s Secret) RefuseChange(now time.Time) error {
	switch {
	case s.State == Active:
		return nil
	case s.State == SoftDeleted && !s.Purged(now):
		return &DeletedError{PurgeAt: s.PurgeAt}
	}
	return NotFoundError()
}

// RefuseNewVersion returns why s may not get another version at now. nil: it may.
func (s Secret) RefuseNewVersion(now time.Time) error {
	if err := s.RefuseChange(now); err != nil {
		return err
	}
	if s.VersionCount >= MaxVersions {
		return PreconditionError(fmt.Sprintf("the secret has %d versions, the most that a secret may have", MaxVersions), s.Etag)
	}
	return nil
}

// RefuseHardDelete returns why a hard delete of s was refused at now. If s is not gone, the etag was
// stale.
func (s Secret) RefuseHardDelete(now time.Time) error {
	if s.Purged(now) {
		return NotFoundError()
	}
	return &StaleEtagError{Current: s.Etag}
}

// RefuseUndelete returns why an undelete of s was refused at now. If the state of s does not explain
// it, the etag was stale.
func (s Secret) RefuseUndelete(now time.Time) error {
	if s.Purged(now) {
		return NotFoundError()
	}
	if s.State == Active {
		return PreconditionError("the secret is active: there is nothing to undelete", s.Etag)
	}
	return &StaleEtagError{Current: s.Etag}
}

// RefuseAccess returns why the value of v, a version of s, may not be read at now. nil: it may.
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
