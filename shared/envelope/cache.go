package envelope

import (
	"container/list"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"sync"
	"time"
)

// The bounds of a KeyCache.
const (
	// MaxKeyAge is the longest that a key may be kept.
	MaxKeyAge = 5 * time.Minute
	// maxKeyUses is how many payloads a key opens, the one for which KMS unwrapped it among them. So
	// CloudTrail has a line for every thousand reads of a version at the least.
	maxKeyUses = 1000
	// maxKeys bounds the memory, and how many values the memory of a container opens.
	maxKeys = 1000
)

// KeyCache keeps data keys that KMS has unwrapped, so that reading the same version again asks nobody.
// Until it expires, a key in it opens its version though KMS would refuse. It opens that version alone.
type KeyCache struct {
	age time.Duration
	now func() time.Time

	mu    sync.Mutex
	keys  map[keyID]*list.Element
	order *list.List // of *keptKey; the oldest is in front
}

// keyID identifies a wrapped key with all that it is bound to.
type keyID [sha256.Size]byte

type keptKey struct {
	id    keyID
	plain []byte
	since time.Time
	uses  int
}

// NewKeyCache returns a cache that keeps each key for that long, or nil, which keeps none, if it is zero.
// now is the clock.
func NewKeyCache(age time.Duration, now func() time.Time) *KeyCache {
	if age == 0 {
		return nil
	}
	return &KeyCache{age: age, now: now, keys: map[keyID]*list.Element{}, order: list.New()}
}

// id hashes the length of each part, then the part.
func (c *KeyCache) id(kmsKey string, to bound, wrapped []byte) keyID {
	if c == nil {
		return keyID{}
	}
	parts := [][]byte{wrapped, []byte(kmsKey), to.data}
	for _, name := range slices.Sorted(maps.Keys(to.context)) {
		parts = append(parts, []byte(name), []byte(to.context[name]))
	}
	var all []byte
	for _, part := range parts {
		all = append(binary.AppendUvarint(all, uint64(len(part))), part...)
	}
	return sha256.Sum256(all)
}

// time returns the wall clock's time. Lambda freezes a container between requests, and Go's monotonic
// clock, which Sub would prefer, may stand still meanwhile.
func (c *KeyCache) time() time.Time {
	if c == nil {
		return time.Time{}
	}
	return c.now().Round(0)
}

// take returns a copy of a key; false if there is none that may still be used. The caller wipes it.
func (c *KeyCache) take(id keyID) ([]byte, bool) {
	if c == nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.time()
	c.dropExpired(now)
	element := c.keys[id]
	if element == nil {
		return nil, false
	}
	k := element.Value.(*keptKey)
	if c.expired(k, now) {
		c.forget(element)
		return nil, false
	}
	plain := slices.Clone(k.plain)
	if k.uses++; k.uses >= maxKeyUses {
		c.forget(element)
	}
	return plain, true
}

// keep stores a copy of a key that KMS was asked for at since, and that has opened a payload. If the cache
// is full, the oldest key goes.
func (c *KeyCache) keep(id keyID, plain []byte, since time.Time) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropExpired(c.time())
	if element := c.keys[id]; element != nil { // two have asked at the same time
		c.forget(element)
	}
	if len(c.keys) >= maxKeys {
		c.forget(c.order.Front())
	}
	k := &keptKey{id: id, plain: slices.Clone(plain), since: since, uses: 1}
	c.keys[id] = c.order.PushBack(k)
}

// expired reports whether a key may no longer be used. A key from the future may be older than it looks:
// the clock has been set back.
func (c *KeyCache) expired(k *keptKey, now time.Time) bool {
	return now.Before(k.since) || now.Sub(k.since) >= c.age
}

// dropExpired drops the expired keys from the front.
func (c *KeyCache) dropExpired(now time.Time) {
	for front := c.order.Front(); front != nil && c.expired(front.Value.(*keptKey), now); front = c.order.Front() {
		c.forget(front)
	}
}

// forget wipes a key and drops it.
func (c *KeyCache) forget(element *list.Element) {
	k := c.order.Remove(element).(*keptKey)
	delete(c.keys, k.id)
	clear(k.plain)
}
