// Package bus puts what happened to secrets on an EventBridge bus.
package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"keepsake/shared/secret"
)

// source is the source of all our events.
const source = "keepsake"

// EventBridge takes up to perCall events in a call. Each is accepted or refused by itself; those that were refused
// are put again, tries times in all.
const (
	perCall = 10
	tries   = 3
)

// firstPause is the bound of the wait before the second try; the next one's is twice that.
const firstPause = 100 * time.Millisecond

// API is the call that a Bus makes.
type API interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// Bus is one event bus.
type Bus struct {
	API   API
	ARN   string
	Pause func(context.Context, time.Duration) // before events are put again; nil: it waits
}

// Tell puts the events on the bus, in their order. It returns those that the bus did not take, and why. An event
// that it took may be told again, with the same id, if the response was lost.
func (b *Bus) Tell(ctx context.Context, events []secret.Event) (untold []secret.Event, err error) {
	for some := range slices.Chunk(events, perCall) {
		left, reason := b.put(ctx, some)
		untold, err = append(untold, left...), errors.Join(err, reason)
	}
	return untold, err
}

// put puts up to perCall events.
func (b *Bus) put(ctx context.Context, events []secret.Event) (left []secret.Event, err error) {
	left = events
	for try := range tries {
		if try > 0 {
			b.pause(ctx, rand.N(firstPause<<(try-1)))
		}
		var out *eventbridge.PutEventsOutput
		if out, err = b.API.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: b.entries(left)}); err != nil {
			return left, fmt.Errorf("put events: %w", err) // the client has tried it several times
		}
		if left, err = refused(left, out); len(left) == 0 {
			return nil, nil
		}
	}
	return left, err
}

// refused returns the events that EventBridge did not take, and what it said of the first of them.
func refused(events []secret.Event, out *eventbridge.PutEventsOutput) (left []secret.Event, err error) {
	if len(out.Entries) != len(events) {
		return events, fmt.Errorf("put events: %d results for %d events", len(out.Entries), len(events))
	}
	for i, entry := range out.Entries {
		if entry.ErrorCode == nil {
			continue
		}
		if left = append(left, events[i]); err == nil {
			err = fmt.Errorf("put events: %s", *entry.ErrorCode)
		}
	}
	return left, err
}

func (b *Bus) pause(ctx context.Context, d time.Duration) {
	if b.Pause != nil {
		b.Pause(ctx, d)
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (b *Bus) entries(events []secret.Event) []types.PutEventsRequestEntry {
	entries := make([]types.PutEventsRequestEntry, len(events))
	for i, e := range events {
		text, _ := json.Marshal(newDetail(e)) // strings and numbers always marshal
		entries[i] = types.PutEventsRequestEntry{
			EventBusName: &b.ARN, Source: aws.String(source), DetailType: aws.String(string(e.Kind)),
			Time: aws.Time(e.At), Detail: aws.String(string(text)),
		}
	}
	return entries
}

// detail is an event's detail. infra/docs/events.md describes it.
type detail struct {
	ID          string           `json:"id"`
	WorkspaceID string           `json:"workspace_id"`
	SecretID    string           `json:"secret_id"`
	VersionID   string           `json:"version_id,omitempty"`
	Principal   string           `json:"principal,omitempty"`
	At          int64            `json:"at"`                 // Unix seconds
	PurgeAt     int64            `json:"purge_at,omitempty"` // Unix seconds
	Mechanism   secret.Mechanism `json:"mechanism,omitempty"`
}

func newDetail(e secret.Event) detail {
	d := detail{
		ID: e.EventID, WorkspaceID: e.Workspace, SecretID: e.ID, Principal: e.Principal, At: e.At.Unix(), Mechanism: e.Mechanism,
	}
	if e.Version > 0 {
		d.VersionID = e.Ref.Version(e.Version).ID()
	}
	if !e.PurgeAt.IsZero() {
		d.PurgeAt = e.PurgeAt.Unix()
	}
	return d
}
