package envelope

import "time"

// MaxKeyUses and MaxKeys are the bounds that no owner can choose.
const (
	MaxKeyUses = maxKeyUses
	MaxKeys    = maxKeys
)

// Memory returns the keys themselves that the cache keeps, the oldest first: to see that they are wiped.
func (c *KeyCache) Memory() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all [][]byte
	for e := c.order.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(*keptKey).plain)
	}
	return all
}

// Since returns the times since which the keys are kept, the oldest first.
func (c *KeyCache) Since() []time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []time.Time
	for e := c.order.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(*keptKey).since)
	}
	return all
}
