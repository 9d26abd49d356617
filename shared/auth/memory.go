package auth

import (
	"context"
	"sync"
	"time"

	"keepsake/shared/fault"
)

const (
	// cacheFor is how long a container trusts what it read about a token or a trust, and so how
	// long it may accept a revoked one.
	cacheFor = 60 * time.Second
	// refreshAfter is when what is still trusted is read again, beside a request: the last
	// quarter of its time is for requests that come once in 15 seconds or more often.
	refreshAfter = 45 * time.Second
	// refreshTime is how long such a read may take.
	refreshTime = 5 * time.Second
	// cacheSize bounds the memory that callers can make a container use.
	cacheSize = 1000
)

// memory keeps what look-ups found in the last minute, by key. It does not keep errors.
type memory[V any] struct {
	lookUp func(ctx context.Context, key string) (V, error)

	mu    sync.Mutex
	cache map[string]cached[V]
}

type cached[V any] struct {
	value      V
	read       time.Time // when its read began: it knows of each change before
	refreshing bool      // a read is under way
}

func newMemory[V any](lookUp func(ctx context.Context, key string) (V, error)) *memory[V] {
	return &memory[V]{lookUp: lookUp, cache: map[string]cached[V]{}}
}

// get returns what a look-up of key found at most a minute before now. At most one look-up, whose error it
// returns. What is used all the time is looked up again before its minute ends, while its request goes on.
func (m *memory[V]) get(ctx context.Context, key string, now time.Time) (V, error) {
	value, ok, old := m.cached(key, now)
	if !ok {
		var err error
		if value, err = m.lookUp(ctx, key); err != nil {
			return value, err
		}
		m.remember(key, value, now)
	}
	if old {
		go m.refresh(context.WithoutCancel(ctx), key, now)
	}
	return value, nil
}

// cached returns a key's value if it is trusted at now. It is old if the caller should refresh it.
// What is past its minute is forgotten: a refresh that is under way does not bring it back.
func (m *memory[V]) cached(key string, now time.Time) (value V, ok, old bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.cache[key]
	if !ok || !now.Before(c.read.Add(cacheFor)) {
		delete(m.cache, key)
		return value, false, false
	}
	old = !c.refreshing && !now.Before(c.read.Add(refreshAfter))
	c.refreshing = c.refreshing || old
	m.cache[key] = c
	return c.value, true, old
}

func (m *memory[V]) remember(key string, value V, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.cache) >= cacheSize {
		clear(m.cache)
	}
	m.cache[key] = cached[V]{value: value, read: now}
}

// refresh looks a key up again. Lambda may stop the process in the midst of it, for hours: the value is
// trusted for a minute from began, when the request came, and not from when the read ended.
func (m *memory[V]) refresh(ctx context.Context, key string, began time.Time) {
	ctx, cancel := context.WithTimeout(ctx, refreshTime)
	defer cancel()
	value, err := m.lookUpGuarded(ctx, key)
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.cache[key]
	switch {
	case !ok: // forgotten meanwhile
	case err == nil:
		m.cache[key] = cached[V]{value: value, read: began}
	case fault.KindOf(err) == fault.Unauthenticated:
		delete(m.cache, key)
	default: // the next request tries again
		c.refreshing = false
		m.cache[key] = c
	}
}

// lookUpGuarded is lookUp whose panic is an error: nobody else would catch it, and the process would end.
func (m *memory[V]) lookUpGuarded(ctx context.Context, key string) (value V, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.Panic(r)
		}
	}()
	return m.lookUp(ctx, key)
}
