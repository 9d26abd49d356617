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
