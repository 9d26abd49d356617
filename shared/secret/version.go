package secret

import "time"

// VersionState is the state of a version.
type VersionState string

// The states of a version. Destroyed is final: the payload is gone, the metadata stays.
const (
	Enabled   VersionState = "enabled"
	Disabled  VersionState = "disabled"
	Destroyed VersionState = "destroyed"
)

// Latest names the newest enabled version, in the place of a version's id.
const Latest = "latest"

// Version is the metadata of one version of a secret: all but its payload, which never changes until
// it is destroyed.
type Version struct {
	VersionRef
	State       VersionState
	Comment     string // up to 200 characters; empty: none
	CreatedAt   time.Time
	DestroyedAt time.Time // zero unless destroyed
	Etag        Etag
}

// RefuseChange returns why a caller that saw etag may not change the state of v. nil: it may.
func (v Version) RefuseChange(etag Etag) error {
	switch {
	case v.State == Destroyed:
		return PreconditionError("the version is destroyed: its state is final", v.Etag)
	case v.Etag != etag:
		return &StaleEtagError{Version: true, Current: v.Etag}
	}
	return nil
}
