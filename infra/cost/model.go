package main

import (
	"fmt"
	"strings"

	"keepsake/infra/bench/count"
)

// usage is how much of each price's thing is used, by the price's key.
type usage map[string]float64

// plus returns the sum of u and n times v.
func (u usage) plus(n float64, v usage) usage {
	sum := usage{}
	for key, amount := range u {
		sum[key] += amount
	}
	for key, amount := range v {
		sum[key] += n * amount
	}
	return sum
}

// model computes dollars.
type model struct {
	data
	prices map[string]price
	counts map[string]count.Count // by case
}

func newModel(d data) model {
	m := model{d, map[string]price{}, map[string]count.Count{}}
	for _, p := range d.Prices {
		m.prices[p.Key] = p
	}
	for _, c := range d.Counts {
		m.counts[c.Case] = c
	}
	return m
}

// dollars is the list price of u: nothing is free.
func (m model) dollars(u usage) float64 {
	sum := 0.0
	for key, amount := range u {
		sum += amount * m.price(key).Dollars / m.price(key).Per
	}
	return sum
}

// withFree is the price of a month's whole usage if nothing else in the account uses what is free.
func (m model) withFree(u usage) float64 {
	sum := 0.0
	for key, amount := range u {
		sum += max(0, amount-m.price(key).Free) * m.price(key).Dollars / m.price(key).Per
	}
	return sum
}

func (m model) price(key string) price {
	p, ok := m.prices[key]
	if !ok {
		panic("prices.json has no price " + key)
	}
	return p
}

func (m model) counted(name string) count.Count {
	c, ok := m.counts[name]
	if !ok {
		panic("counts.json has no case " + name)
	}
	return c
}

// The parts of a request's price, in the order of the table.
const (
	edge = iota
	lambda
	reads
	trail
	kms
	logs
	parts
)

// operation is what one request uses, by part.
type operation struct {
	name string
	part [parts]usage
}

// total is all that the request uses.
func (o operation) total() usage {
	sum := usage{}
	for _, u := range o.part {
		sum = sum.plus(1, u)
	}
	return sum
}

// operation returns what a request of this case uses. Its token is known: see tokenRead.
func (m model) operation(c count.Count) operation {
	o := operation{name: c.Case}
	o.part[edge] = usage{
		"cloudfront-request": 1, "cloudfront-function": 1, "gateway-request": 1,
		"cloudfront-out": float64(c.ResponseBytes) + m.Assumptions.HeaderBytes,
	}
	o.part[lambda] = m.run(m.takes(c))
	o.part[reads] = usage{"read-unit": mostReadUnits(c), "write-unit": mostWriteUnits(c)}
	o.part[kms] = usage{"kms-request": float64(c.Calls("kms"))}
	o.part[logs] = usage{"log": float64(c.LogBytes) + m.Assumptions.GatewayLogBytes}
	switch {
	case isAccess(c) && c.WriteUnits > 0: // the access writes its own line
		o.part[reads]["write-unit"]--
		o.part[trail] = usage{"write-unit": 1}
	case c.WriteUnits > 0:
		line := m.counted("record-changes, one change")
		o.part[trail] = m.run(m.takes(line)).plus(1, usage{"write-unit": line.WriteUnits, "log": float64(line.LogBytes)})
	}
	return o
}

func isAccess(c count.Count) bool {
	return c.Function == "access-secret-version" || c.Function == "access-named-version"
}

// takes is how long a function runs, in milliseconds.
func (m model) takes(c count.Count) float64 {
	return m.Assumptions.OwnMs + m.Assumptions.StepMs*float64(len(c.Steps))
}

// run is one invocation of a function.
func (m model) run(ms float64) usage {
	return usage{"lambda-request": 1, "lambda-gb-second": m.Stack.MemoryMB / 1024 * ms / 1000}
}

// tokenRead is what a request uses besides if its token is not in the container's memory.
func (m model) tokenRead() usage { return usage{"read-unit": 1} }

// cached is an access if the cache of data keys is on: of its requests to KMS only the misses are left.
func (m model) cached(o operation) operation {
	o.name += fmt.Sprintf(", keys cached, %.0f %% hits", 100*m.Assumptions.HitRate)
	o.part[kms] = usage{}.plus(1-m.Assumptions.HitRate, o.part[kms])
	return o
}

// mostReadUnits counts a unit more for an access by the index states. DynamoDB fetches what the index does
// not have from the rows. Its documentation counts the index entries besides; the engine does not.
func mostReadUnits(c count.Count) float64 {
	if c.Case == count.FirstLatest || c.Case == count.FirstNamed {
		return c.ReadUnits + 1
	}
	return c.ReadUnits
}

// mostWriteUnits counts the index entries of a transaction twice, like its rows. AWS does not say plainly
// whether it does; the engine does not.
func mostWriteUnits(c count.Count) float64 {
	for _, step := range c.Steps {
		if strings.Contains(strings.Join(step, " "), "TransactWriteItems") {
			return c.WriteUnits + c.IndexUnits
		}
	}
	return c.WriteUnits
}

// operations returns the requests of the table in dollars: all counted ones, and accesses with a cache.
func (m model) operations() []operation {
	var all []operation
	for _, c := range m.Counts {
		if m.isJob(c) {
			continue
		}
		o := m.operation(c)
		all = append(all, o)
		if c.Case == latest || c.Case == "access, by id" {
			all = append(all, m.cached(o))
		}
	}
	return all
}

func (m model) isJob(c count.Count) bool {
	_, scheduled := m.Stack.Ticks[c.Function]
	return scheduled || c.Function == "record-changes"
}

// latest is the access that the examples reckon with: a container reads a secret again that has been rotated.
const latest = "access, latest of two"
