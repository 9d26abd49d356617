package histories

import (
	"fmt"
	"math/rand/v2"
)

// draw returns a random request, and the id of the secret as the clients know it.
func (p *slot) draw(random *rand.Rand) (input, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	in := input{slot: p.number}
	if p.id == "" || random.IntN(50) == 0 {
		in.op, in.key, in.value = "create", fmt.Sprintf("create-%d", p.number), fmt.Sprintf("value-%d-0", p.number)
		return in, p.id
	}
	if len(p.keyed) > 0 && random.IntN(8) == 0 {
		return p.keyed[random.IntN(len(p.keyed))], p.id
	}
	in.op = p.pick(random)
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

// share says how often each operation is drawn, for a secret that is active and for one that is deleted,
// as far as the clients know.
var share = []struct {
	op              string
	active, deleted int
}{
	{"get", 14, 10}, {"access", 22, 4}, {"update", 12, 2}, {"delete", 8, 2}, {"undelete", 2, 20}, {"append", 10, 3},
	{"enable", 9, 2}, {"disable", 10, 2}, {"destroy", 3, 1}, {"force", 1, 1},
}

func (p *slot) pick(random *rand.Rand) string {
	weight := func(i int) int {
		if p.purgeAt > 0 {
			return share[i].deleted
		}
		return share[i].active
	}
	total := 0
	for i := range share {
		total += weight(i)
	}
	n := random.IntN(total)
	for i, s := range share {
		if n -= weight(i); n < 0 {
			return s.op
		}
	}
	panic("n is below the sum of the weights")
}

// etagOf draws the newest known etag most of the time, else an older one, or one that no resource has had.
func etagOf(random *rand.Rand, known []string) string {
	if len(known) == 0 || random.IntN(20) == 0 {
		return never
	}
	if random.IntN(10) == 0 {
		return known[random.IntN(len(known))]
	}
	return known[len(known)-1]
}

// learn keeps what a response says.
func (p *slot) learn(in input, out output) {
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
