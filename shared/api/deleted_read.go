package api

import (
	"context"
	"errors"
	"time"

	"keepsake/shared/secret"
)

// tellTime is how long a refusal may wait until others are told of it.
const tellTime = time.Second

// tell tells the events. If it cannot, the log and a metric say so, and the caller gets the same response.
func (op access) tell(ctx context.Context, c *Call, events []secret.Event) {
	if op.teller == nil || len(events) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tellTime)
	defer cancel()
	untold, err := op.teller.Tell(ctx, events)
	c.untold, c.untoldBecause = len(untold), err
}

// deletedReads returns the events of an attempt to read deleted secrets: none if refusal has another reason. ref is
// the secret, unless the refusal names several.
func deletedReads(c *Call, ref secret.Ref, refusal error) []secret.Event {
	var deleted *secret.DeletedError
	var named *secret.NameDeletedError
	switch {
	case errors.As(refusal, &named):
		events := make([]secret.Event, len(named.Deleted))
		for i, s := range named.Deleted {
			events[i] = deletedRead(c, s.Ref, s.PurgeAt)
		}
		return events
	case errors.As(refusal, &deleted):
		return []secret.Event{deletedRead(c, ref, deleted.PurgeAt)}
	}
	return nil
}

func deletedRead(c *Call, ref secret.Ref, purgeAt time.Time) secret.Event {
	return secret.Event{
		EventID: secret.Sortable(c.moment), Kind: secret.DeletedRead, Ref: ref, Principal: c.Principal.ID, At: c.moment, PurgeAt: purgeAt,
	}
}
