package auth

import (
	"context"
	"fmt"
	"sync"
	"time"

	"keepsake/shared/fault"
)

// When the issuer is asked for its keys.
const (
	// keysFor is how long the keys count as current: as long may one that the issuer has withdrawn
	// still be good.
	keysFor = time.Hour
	// staleFor is how long known keys go on being used while the issuer does not answer.
	staleFor = 24 * time.Hour
	// fetchFloor is the least time between two fetches: whoever sends names of keys that do not
	// exist makes us fetch no more often than this.
	fetchFloor = time.Minute
	// retryFloor is the same after a fetch that failed, lest a moment's fault be a minute's outage.
	retryFloor = 5 * time.Second
)

// keySet is an issuer's keys as they were last fetched.
type keySet struct {
	fetch func(context.Context) (map[keyName]any, error)

	mu       sync.Mutex
	keys     map[keyName]any
	current  time.Time     // when keys came; zero: never
	tried    time.Time     // when the last fetch began
	failed   error         // why the last fetch brought nothing; nil: it did not fail
	fetching chan struct{} // closed when the fetch that is under way has ended; nil: none is
}

func newKeySet(url string) *keySet {
	return &keySet{fetch: func(ctx context.Context) (map[keyName]any, error) { return fetchKeys(ctx, url) }}
}

// find returns the public key of that name. If it is not known, or not current any more, the
// issuer is asked first, by one fetch for all who wait. Unauthenticated if there is no such key;
// Unavailable if that cannot be told because the issuer does not answer.
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

// refresh begins a fetch if name calls for one and none is under way. It returns what to wait for;
// nil: nothing.
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
	// The fetch is everyone's: it does not end with the caller that was the first to need it.
	go s.run(context.WithoutCancel(ctx), now)
	return s.fetching
}

func (s *keySet) run(ctx context.Context, now time.Time) {
	keys, err := s.fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed = err; err == nil {
		s.keys, s.current = keys, now
	}
	close(s.fetching)
	s.fetching = nil
}
