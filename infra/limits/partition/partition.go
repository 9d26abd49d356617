// Package partition plays the partitions of DynamoDB tables and global indexes, by the rules that AWS documents:
//
//   - A partition takes 1,000 write units or 3,000 read units a second, or a mixture in proportion. [1] [2]
//   - A new on-demand table takes 4,000 write units or 12,000 read units a second: four partitions. [3]
//   - A partition that is hot is split. The keys that are used most are set apart, down to a single item. [4] [5]
//   - In a table with a local index the rows of one partition key are never split. [4]
//   - If the sort keys of new rows only grow, a split does not help: all that is new comes after it. [5]
//   - A write is refused if a global index has no room for its entry. [6]
//
// AWS does not document where a hash leads and when a split begins or ends. Here a hash spreads evenly, and a
// split takes a round. Capacity that was saved up for a burst is left out, because AWS may use it itself. [4]
//
//	[1] https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
//	[2] https://repost.aws/knowledge-center/on-demand-table-throttling-dynamodb
//	[3] https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
//	[4] https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
//	[5] https://aws.amazon.com/blogs/database/part-3-scaling-dynamodb-how-partitions-hot-keys-and-split-for-heat-impact-performance/
//	[6] https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/gsi-throttling.html
package partition

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
	"sort"
)

// What one partition takes in a second, and how many a new on-demand table has.
const (
	WriteUnits = 1000
	ReadUnits  = 3000
	Initial    = 4
)

// Access is what a request asks of one key.
type Access struct {
	Place       string // a table or a global index
	Key, Sort   string
	Read, Write float64
	Whole       bool   // the rows of a partition key stay together: the table has a local index
	Label       string // names the key in reports
}

// heat is the share of a partition's second that the access takes.
func (a Access) heat() float64 { return a.Read/ReadUnits + a.Write/WriteUnits }

// Request is what one request asks for. It is refused if any of its accesses is.
type Request []Access

// position is where a key lies in its place: by the hash of the partition key, then by the sort key.
func (a Access) position() string { return start(a.Key) + a.Sort }

// start is where the rows of a partition key begin.
func start(key string) string {
	h := fnv.New64a()
	h.Write([]byte(key))
	x := h.Sum64() // the high bits of FNV hardly differ between short keys
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return string(binary.BigEndian.AppendUint64(nil, x))
}

// Cloud has the partitions of all places.
type Cloud struct{ cuts map[string][]string }

// New returns a cloud whose tables and indexes are new.
func New() *Cloud { return &Cloud{map[string][]string{}} }

// of returns where a place's partitions begin, but for the first.
func (c *Cloud) of(place string) []string {
	if c.cuts[place] == nil {
		for i := range uint64(Initial - 1) {
			c.cuts[place] = append(c.cuts[place], string(binary.BigEndian.AppendUint64(nil, (i+1)<<62)))
		}
	}
	return c.cuts[place]
}

// find returns which of a place's partitions has a position.
func (c *Cloud) find(place, at string) int {
	cuts := c.of(place)
	return sort.Search(len(cuts), func(i int) bool { return cuts[i] > at })
}

// spot is a partition of a place.
type spot struct {
	place string
	index int
}

// load is what a partition is asked for.
type load struct {
	heat   float64
	labels map[string]float64
	at     map[string]float64 // heat, by position
	whole  bool
}

func (c *Cloud) loads(requests []Request) map[spot]*load {
	loads := map[spot]*load{}
	for _, r := range requests {
		for _, a := range r {
			at := a.position()
			s := spot{a.Place, c.find(a.Place, at)}
			l := loads[s]
			if l == nil {
				l = &load{labels: map[string]float64{}, at: map[string]float64{}, whole: a.Whole}
				loads[s] = l
			}
			l.heat += a.heat()
			l.labels[a.Label] += a.heat()
			l.at[at] += a.heat()
		}
	}
	return loads
}

// Limit is the highest rate of a load, in requests a second, and the key that stands in the way of more.
type Limit struct {
	Rate float64
	Key  string
}

// rate returns the highest rate at which requests like these meet no full partition.
func rate(requests []Request, loads map[spot]*load) Limit {
	var hottest *load
	for _, s := range sorted(loads) {
		if hottest == nil || loads[s].heat > hottest.heat {
			hottest = loads[s]
		}
	}
	if hottest == nil || hottest.heat == 0 {
		return Limit{}
	}
	limit := Limit{Rate: float64(len(requests)) / hottest.heat}
	most := 0.0
	for _, label := range slices.Sorted(keys(hottest.labels)) {
		if hottest.labels[label] > most {
			most, limit.Key = hottest.labels[label], label
		}
	}
	return limit
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for key := range m {
			if !yield(key) {
				return
			}
		}
	}
}

func sorted(loads map[spot]*load) []spot {
	var all []spot
	for s := range loads {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b spot) int {
		if a.place != b.place {
			if a.place < b.place {
				return -1
			}
			return 1
		}
		return a.index - b.index
	})
	return all
}

// rounds bounds how often hot partitions are split, and patience how often in vain: helped is by how much the rate
// must grow. margin is how full a partition is at the wanted rate when it is split, because the next second's load is
// never the same.
const (
	rounds   = 16
	patience = 4
	helped   = 1.02
	margin   = 0.6
)

// Settle splits what is hot at the wanted rate, until nothing is or splits no longer help. It returns the limit at the
// first moment and the one in the end. The load's samples are of growing times: what it writes is new each round.
func (c *Cloud) Settle(wanted float64, sample func(round int) []Request) (first, last Limit) {
	best, vain := 0.0, 0
	for round := range rounds {
		requests := sample(round)
		loads := c.loads(requests)
		if last = rate(requests, loads); round == 0 {
			first = last
		}
		if vain++; last.Rate > best*helped {
			best, vain = last.Rate, 0
		}
		if last.Rate == 0 || last.Rate >= wanted || vain == patience || !c.split(loads, float64(len(requests))/wanted*margin) {
			break
		}
	}
	return first, last
}

// split cuts each partition that is hotter than allowed. It reports whether it cut any.
func (c *Cloud) split(loads map[spot]*load, allowed float64) bool {
	cut := map[string][]string{}
	for _, s := range sorted(loads) {
		if loads[s].heat <= allowed {
			continue
		}
		if at, ok := loads[s].middle(c.lower(s)); ok {
			cut[s.place] = append(cut[s.place], at)
		}
	}
	for place, more := range cut {
		c.cuts[place] = append(c.cuts[place], more...)
		slices.Sort(c.cuts[place])
	}
	return len(cut) > 0
}

// lower is where a partition begins.
func (c *Cloud) lower(s spot) string {
	if s.index == 0 {
		return ""
	}
	return c.of(s.place)[s.index-1]
}

// middle returns where a partition is cut in two, so that both halves are about as hot. It cannot be cut if it has
// one item only, or one partition key whose rows stay together.
func (l *load) middle(lower string) (at string, ok bool) {
	var places []string
	for position := range l.at {
		if l.whole {
			position = position[:8]
		}
		places = append(places, position)
	}
	slices.Sort(places)
	places = slices.Compact(places)
	heat := map[string]float64{}
	for position, h := range l.at {
		if l.whole {
			position = position[:8]
		}
		heat[position] += h
	}
	sum, best := 0.0, 0.0
	for _, p := range places {
		if p > lower {
			if uneven := max(sum, l.heat-sum); at == "" || uneven < best {
				at, best = p, uneven
			}
		}
		sum += heat[p]
	}
	return at, at != ""
}
