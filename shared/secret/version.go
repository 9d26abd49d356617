package secret

import "time"

// VersionState is where a version stands.
type VersionState string

// The states of a version. Destroyed is final: the payload is gone, the metadata stays.
const (
	Enabled   VersionState = "enabled"
	Disabled  VersionState = "disabled"
	Destroyed VersionState = "destroyed"
)

// Latest names the newest enabled version where an access asks for a version.
const Latest = "latest"

// Version is what is known about one immutable version of a secret: all but its payload.
type Version struct {
	VersionRef
	State       VersionState
	Comment     string // up to 200 characters; empty: none
	CreatedAt   time.Time
	DestroyedAt time.Time // zero unless destroyed
	Etag        Etag
}

// RefuseChange says why v, found as it is, may not be brought into another state by a caller that
// saw etag; nil if it may.
func (v Version) RefuseChange(etag Etag) error {
	switch {
	case v.State == Destroyed:
		return PreconditionError("the version is destroyed: its state is final", v.Etag)
	case v.Etag != etag:
		return &StaleEtagError{Version: true, Current: v.Etag}
	}
	return nil
}
