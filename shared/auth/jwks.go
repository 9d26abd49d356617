package auth

import (
	"context"
	"fmt"
	"sync"
	"time"

	"keepsake/shared/fault"
)

// When we ask the issuer for its keys.
const (
	// keysFor is how long the keys count as current, so how long we may accept a key that
	// the issuer withdrew.
	keysFor = time.Hour
	// staleFor is how long we use known keys while the issuer does not answer.
	staleFor = 24 * time.Hour
	// fetchFloor is the least time between two fetches: a caller who names keys that do not
	// exist cannot make us fetch more often.
	fetchFloor = time.Minute
	// retryFloor is the same after a failed fetch, so that a short fault is not a minute's outage.
	retryFloor = 5 * time.Second
)

// keySet holds an issuer's keys as last fetched.
type keySet struct {
	fetch func(context.Context) (map[keyName]any, error)

	mu       sync.Mutex
	keys     map[keyName]any
	current  time.Time     // when keys came; zero: never
	tried    time.Time     // when the last fetch began
	failed   error         // why the last fetch failed; nil: it did not
	fetching chan struct{} // closed when the running fetch ends; nil: none runs
}

func newKeySet(url string) *keySet {
	return &keySet{fetch: func(ctx context.Context) (map[keyName]any, error) { return fetchKeys(ctx, url) }}
}

// find returns the public key of that name. If the key is unknown, or no longer current, it asks
// the issuer first, with one fetch for all who wait. Unauthenticated if there is no such key;
// Unavailable if the issuer does not answer, so that we cannot know.
func (s *keySet) find(ctx context.Context, name keyName, now time.Time) (any, error) {
	if wait := s.refresh(ctx, name, now); wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, fault.NewUnavailable(ctx.Err())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key, known := s.keys[name]
	switch {
	case known && now.Before(s.current.Add(staleFor)):
		return key, nil
	case s.failed != nil:
		return nil, fault.NewUnavailable(fmt.Errorf("the issuer's keys: %w", s.failed))
	}
	return nil, refused("the issuer has no such key for its algorithm")
}

// refresh starts a fetch if name needs one and none runs. It returns the channel to wait for;
// nil: do not wait.
func (s *keySet) refresh(ctx context.Context, name keyName, now time.Time) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.keys[name]
	floor := fetchFloor
	if s.failed != nil {
		floor = retryFloor
	}
	switch {
	case known && now.Before(s.current.Add(keysFor)):
		return nil
	case s.fetching != nil:
		return s.fetching
	case !s.tried.IsZero() && now.Before(s.tried.Add(floor)):
		return nil
	}
	s.tried, s.fetching = now, make(chan struct{})
	// All callers share the fetch: it does not end when the first of them does.
	go s.run(context.WithoutCancel(ctx), now)
	return s.fetching
}

// fetchGuarded is fetch whose panic is an error: all who wait would wait for ever, and the process would end.
func (s *keySet) fetchGuarded(ctx context.Context) (keys map[keyName]any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.Panic(r)
		}
	}()
	return s.fetch(ctx)
}

func (s *keySet) run(ctx context.Context, now time.Time) {
	keys, err := s.fetchGuarded(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed = err; err == nil {
		s.keys, s.current = keys, now
	}
	close(s.fetching)
	s.fetching = nil
}
