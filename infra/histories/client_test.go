package histories

import (
	"fmt"
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
	left   int // requests still to be sent
}

const (
	clients = 8
	inUse   = 5
)

// run has the clients send about n requests.
func (c *crowd) run(n int, seed uint64) {
	c.left = n
	for range inUse {
		c.places = append(c.places, c.newPlace())
	}
	var all sync.WaitGroup
	for client := range clients {
		random := rand.New(rand.NewPCG(seed, uint64(client)))
		all.Go(func() { c.client(client, random) })
	}
	stop := make(chan struct{})
	var purger sync.WaitGroup
	purger.Go(func() {
		random := rand.New(rand.NewPCG(seed, clients))
		for {
			select {
			case <-stop:
				return
			default:
				c.purge(random)
			}
		}
	})
	all.Wait()
	close(stop)
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

// draw makes a request up.
func (p *place) draw(random *rand.Rand) (input, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	in := input{place: p.number}
	if p.id == "" || random.IntN(50) == 0 {
		in.op, in.key, in.value = "create", fmt.Sprintf("create-%d", p.number), fmt.Sprintf("value-%d-0", p.number)
		return in, p.id
	}
	if len(p.keyed) > 0 && random.IntN(8) == 0 {
		return p.keyed[random.IntN(len(p.keyed))], p.id
	}
	in.op = pick(random)
	in.number = 1 + random.IntN(p.count)
	switch in.op {
	case "update":
		in.name = fmt.Sprintf("name-%d", p.sent)
		in.alias = in.number * random.IntN(2)
		in.number = 0
		in.ifMatch = etagOf(random, p.etags)
	case "delete", "force", "undelete":
		in.number = 0
		in.ifMatch = etagOf(random, p.etags)
	case "enable", "disable", "destroy":
		in.ifMatch = etagOf(random, p.versions[in.number])
	case "append":
		in.number, in.value = 0, fmt.Sprintf("value-%d-%d", p.number, p.sent)
	case "access":
		if ask := []string{"", "latest", alias}[random.IntN(3)]; ask != "" {
			in.number, in.ask = 0, ask
		}
	case "get":
		in.number = 0
	}
	if keyed := in.op == "undelete" || in.op == "enable" || in.op == "append"; keyed && random.IntN(2) == 0 {
		in.key = fmt.Sprintf("%s-%d-%d", in.op, p.number, p.sent)
		p.keyed = append(p.keyed, in)
	}
	return in, p.id
}

// share says how often each operation is drawn.
var share = []struct {
	op     string
	weight int
}{
	{"get", 18}, {"access", 18}, {"update", 10}, {"delete", 12}, {"undelete", 14}, {"append", 10},
	{"enable", 8}, {"disable", 9}, {"destroy", 3}, {"force", 1},
}

func pick(random *rand.Rand) string {
	total := 0
	for _, s := range share {
		total += s.weight
	}
	n := random.IntN(total)
	for _, s := range share {
		if n -= s.weight; n < 0 {
			return s.op
		}
	}
	panic("n is below the sum of the weights")
}

// etagOf draws the newest etag that is known most of the time, else an older one, or one that never was.
func etagOf(random *rand.Rand, known []string) string {
	if len(known) == 0 || random.IntN(20) == 0 {
		return never
	}
	if random.IntN(10) == 0 {
		return known[random.IntN(len(known))]
	}
	return known[len(known)-1]
}

// learn takes over what an answer tells.
func (p *place) learn(in input, out output) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if out.unknown {
		return
	}
	if in.op == "create" && out.status == 201 {
		p.id = out.id
	}
	versioned := in.op == "enable" || in.op == "disable" || in.op == "destroy" || in.op == "append" || in.op == "access"
	if number := max(in.number, out.number); versioned && number > 0 && out.etag != "" {
		p.versions[number] = append(p.versions[number], out.etag)
		p.count = max(p.count, number)
	} else if !versioned && out.etag != "" {
		p.etags = append(p.etags, out.etag)
	}
	p.count = max(p.count, out.count)
	if out.status < 300 && !versioned {
		p.purgeAt = out.purgeAt
	}
	if in.op == "delete" && out.status == 204 {
		p.purgeAt = in.now + retention
	}
}
