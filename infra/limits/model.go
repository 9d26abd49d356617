package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"keepsake/infra/bench/count"
	"keepsake/infra/limits/partition"
	"keepsake/infra/limits/trace"
)

// sampled is how many requests stand for a second's load. They are mixed in exact shares.
const sampled = 2000

// seed makes the play the same each time.
const seed = 1

// model computes limits.
type model struct {
	data
	traces map[string]trace.Trace
	counts map[string]count.Count
	quotas map[string]quota
	shards int
	played map[string][2]partition.Limit // what play has found
}

func newModel(d data) model {
	m := model{d, map[string]trace.Trace{}, map[string]count.Count{}, map[string]quota{}, 0, map[string][2]partition.Limit{}}
	for _, t := range d.Traces {
		m.traces[t.Case] = t
	}
	for _, c := range d.Counts {
		m.counts[c.Case] = c
	}
	for _, q := range d.Quotas {
		m.quotas[q.Key] = q
	}
	m.shards = len(m.trace("purge-due, nothing due").Touches)
	return m
}

func (m model) trace(name string) trace.Trace {
	t, ok := m.traces[name]
	if !ok {
		panic("traces.json has no case " + name)
	}
	return t
}

func (m model) quota(key string) float64 {
	q, ok := m.quotas[key]
	if !ok {
		panic("quotas.json has no quota " + key)
	}
	return q.Value
}

// share is a part of a load: so many of a hundred requests are of a case.
type share struct {
	name    string
	percent int
}

// load is what callers do.
type load struct {
	world
	mix []share
}

// only is a load of one case.
func only(name string, w world) load { return load{w, []share{{name, 100}}} }

// The worlds of the table of operations.
var (
	oneSecret    = world{workspaces: 1, secrets: 1}
	oneWorkspace = world{workspaces: 1, secrets: 10_000}
	manyOfThem   = world{workspaces: 1000, secrets: 100}
)

// change replaces a key by that of a changed design.
type change func(trace.Touch) trace.Touch

// part is a share of a load, with its keys.
type part struct {
	touches []trace.Touch
	percent int
}

// parts returns what a load is made of if the keys are changed.
func (m model) parts(l load, c change) (all []part) {
	for _, s := range l.mix {
		all = append(all, part{changed(m.trace(s.name).Touches, c), s.percent})
	}
	return all
}

// about is a request to be: what it touches, and whether it is about the first secret.
type about struct {
	touches []trace.Touch
	hot     bool
}

// sample returns a function that makes a round's requests. Their times grow from one to the next.
func (m model) sample(w world, parts []part) func(round, n int) []partition.Request {
	p := newPlayer(w, m.shards, seed)
	return func(round, n int) []partition.Request {
		var order []about
		for _, s := range parts {
			all := n * s.percent / 100
			hot := int(float64(all) * w.hot)
			order = append(order, slices.Repeat([]about{{s.touches, true}}, hot)...)
			order = append(order, slices.Repeat([]about{{s.touches, false}}, all-hot)...)
		}
		rand.New(rand.NewPCG(seed, uint64(round))).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		var requests []partition.Request
		for i, s := range order {
			p.at = epoch.Add(time.Duration(round)*time.Second + time.Duration(i)*time.Second/time.Duration(len(order)))
			requests = append(requests, p.request(s))
		}
		return requests
	}
}

func changed(touches []trace.Touch, c change) (out []trace.Touch) {
	if c == nil {
		return touches
	}
	for _, t := range touches {
		out = append(out, c(t))
	}
	return out
}

// play returns how many requests a second of a load new tables take, and how many once they are split. It looks no
// further than wanted.
func (m model) play(l load, c change, wanted float64) (fresh, settled partition.Limit) {
	parts := m.parts(l, c)
	key := fmt.Sprint(l.world, parts, wanted)
	if found, ok := m.played[key]; ok {
		return found[0], found[1]
	}
	sample := m.sample(l.world, parts)
	fresh, settled = partition.New().Settle(wanted, func(round int) []partition.Request { return sample(round, sampled) })
	m.played[key] = [2]partition.Limit{fresh, settled}
	return fresh, settled
}

// account returns how many requests a second of a case one account takes, whatever their keys, and why no more.
func (m model) account(t trace.Trace) partition.Limit {
	limit := partition.Limit{Rate: m.quota("gateway"), Key: "API Gateway"}
	lower := func(rate float64, why string) {
		if rate < limit.Rate {
			limit = partition.Limit{Rate: rate, Key: why}
		}
	}
	lower(m.quota("concurrency")*min(m.quota("per-environment"), 1000/m.takes(t.Case)), "Lambda")
	if t.KMS > 0 {
		lower(m.quota("kms")/float64(t.KMS), "KMS")
	}
	for table, units := range tableUnits(t) {
		lower(m.quota("table")/max(units[0], units[1]), table)
	}
	return limit
}

// tableUnits sums what a request reads and writes in each table, with its indexes.
func tableUnits(t trace.Trace) map[string][2]float64 {
	sums := map[string][2]float64{}
	for _, touch := range t.Touches {
		table, _, _ := strings.Cut(touch.Place, "/")
		u := sums[table]
		sums[table] = [2]float64{u[0] + touch.Read, u[1] + touch.Write + touch.Twice}
	}
	return sums
}

// takes is how long a function runs, in milliseconds, by the assumptions of the page about cost.
func (m model) takes(name string) float64 {
	c, ok := m.counts[strings.TrimSuffix(name, trace.Large)] // a large value takes no more steps
	if !ok {
		panic("infra/cost has no count of " + name)
	}
	return m.Prices.Assumptions.OwnMs + m.Prices.Assumptions.StepMs*float64(len(c.Steps))
}

func (m model) price(key string) float64 {
	for _, p := range m.Prices.Prices {
		if p.Key == key {
			return p.Dollars / p.Per
		}
	}
	panic(fmt.Sprintf("infra/cost has no price of %s", key))
}
