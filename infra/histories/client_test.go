package histories

import (
	"math/rand/v2"
	"sync"
	"time"
)

// slot is what the clients know of a slot: the last responses they saw, which may be out of date.
type slot struct {
	number int

	mu       sync.Mutex
	id       string
	etags    []string // of the secret, the newest last
	versions map[int][]string
	count    int
	purgeAt  int64
	keyed    []input // sent with an idempotency key, and may be sent again
	sent     int
}

// perSlot is how many requests a slot gets before a new one takes over.
const perSlot = 40

// crowd is many clients that share a few slots.
type crowd struct {
	*world
	mu     sync.Mutex
	slots  []*slot // in use
	next   int
	left   int           // requests still to send
	passed chan struct{} // time has passed: run the purge
}

const (
	clients = 8
	inUse   = 5
)

// run makes the clients send about n requests.
func (c *crowd) run(n int, seed uint64) {
	c.left, c.passed = n, make(chan struct{}, 1)
	for range inUse {
		c.slots = append(c.slots, c.newSlot())
	}
	var all sync.WaitGroup
	for client := range clients {
		random := rand.New(rand.NewPCG(seed, uint64(client)))
		all.Go(func() { c.client(client, random) })
	}
	var purger sync.WaitGroup
	purger.Go(func() {
		random := rand.New(rand.NewPCG(seed, clients))
		for range c.passed {
			c.purge(random)
		}
	})
	all.Wait()
	close(c.passed)
	purger.Wait()
	c.pass(nil)
}

func (c *crowd) newSlot() *slot {
	c.next++
	return &slot{number: c.next, versions: map[int][]string{}}
}

// some draws a slot in use. It returns nil when all requests are sent.
func (c *crowd) some(random *rand.Rand) *slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left < 0 {
		return nil
	}
	i := random.IntN(len(c.slots))
	p := c.slots[i]
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sent++; p.sent > perSlot {
		p = c.newSlot()
		c.slots[i] = p
	}
	return p
}

func (c *crowd) client(client int, random *rand.Rand) {
	for p := c.some(random); p != nil; p = c.some(random) {
		in, id := p.draw(random)
		var kill time.Duration
		if random.IntN(20) == 0 {
			kill = time.Duration(1 + random.Int64N(int64(20*time.Millisecond)))
		}
		p.learn(in, c.do(client, id, in, kill))
		if random.IntN(25) == 0 {
			c.pass(func(now int64) int64 { return p.later(now, random) })
			select {
			case c.passed <- struct{}{}:
			default: // a run of the purge is waiting already
			}
		}
	}
}

// later returns the next time at which the clock stands: some minutes on, or the last second before the
// slot's deadline, or the deadline.
func (p *slot) later(now int64, random *rand.Rand) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.purgeAt > now && random.IntN(2) == 0 {
		return p.purgeAt - random.Int64N(2)
	}
	return now + random.Int64N(15*60)
}
