package secret

import (
	"context"
	"time"
)

// EventKind says what happened to a secret.
type EventKind string

// What happened. Each text is an event's detail-type on EventBridge.
const (
	Created        EventKind = "Secret Created"
	VersionCreated EventKind = "Secret Version Created"
	Deleted        EventKind = "Secret Deleted"
	Undeleted      EventKind = "Secret Undeleted"
	NearPurge      EventKind = "Secret Near Purge"
	Purged         EventKind = "Secret Purged"
	DeletedRead    EventKind = "Deleted Secret Read"
)

// Event is what happened to a secret, for those outside who want to be told. It has no value, and nothing that
// people wrote: no name, no label.
type Event struct {
	EventID string // the same if the event is told again
	Kind    EventKind
	Ref
	Version   int       // the version that was created; 0: the event is about the secret
	Principal string    // who did it; empty: nobody, a deadline came near
	At        time.Time // to the millisecond
	PurgeAt   time.Time // of a deleted secret; zero: at once, or not deleted
	Mechanism Mechanism // of a purge, or a hard delete's ByForce; empty: none
}

// Teller tells others what happened. It returns the events that it could not tell, and why.
type Teller interface {
	Tell(context.Context, []Event) (untold []Event, err error)
}
