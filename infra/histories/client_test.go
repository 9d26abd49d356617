package histories

import (
	"math/rand/v2"
	"sync"
	"time"
)

// place is what the clients know of a place: what they were last told, which may be old.
type place struct {
	number int

	mu       sync.Mutex
	id       string
	etags    []string // of the secret, the newest last
	versions map[int][]string
	count    int
	purgeAt  int64
	keyed    []input // sent under a key, to be sent again
	sent     int
}

// life is how many requests a place gets.
const life = 40

// crowd is some clients at some places.
type crowd struct {
	*world
	mu     sync.Mutex
	places []*place // in use
	next   int
	left   int           // requests still to be sent
	passed chan struct{} // time has passed: the purge may have something to do
}

const (
	clients = 8
	inUse   = 5
)

// run has the clients send about n requests.
func (c *crowd) run(n int, seed uint64) {
	c.left, c.passed = n, make(chan struct{}, 1)
	for range inUse {
		c.places = append(c.places, c.newPlace())
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

func (c *crowd) newPlace() *place {
	c.next++
	return &place{number: c.next, versions: map[int][]string{}}
}

// some draws a place in use; nil when all is sent.
func (c *crowd) some(random *rand.Rand) *place {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left < 0 {
		return nil
	}
	i := random.IntN(len(c.places))
	p := c.places[i]
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sent++; p.sent > life {
		p = c.newPlace()
		c.places[i] = p
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
			default: // a run of the purge is about to begin
			}
		}
	}
}

// later is when time stands still next: some minutes on, or right before or at the place's deadline.
func (p *place) later(now int64, random *rand.Rand) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.purgeAt > now && random.IntN(2) == 0 {
		return p.purgeAt - random.Int64N(2)
	}
	return now + random.Int64N(15*60)
}
