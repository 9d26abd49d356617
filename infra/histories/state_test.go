package histories

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// retention is how long a deleted secret can be undeleted, in seconds.
const retention = 3600

// state is what a slot holds, by the contract.
type state struct {
	secret   string // "", "active", "soft_deleted" or "gone"
	etag     etag
	purgeAt  int64
	count    int // of versions, as the secret counts them
	enabled  int
	name     string
	alias    int
	versions []version
	done     []done
	pending  []change
}

type version struct {
	state, value string
	etag         etag
}

// done is a request that has been carried out under an idempotency key.
type done struct {
	op, key, ifMatch string
	number           int
}

// insert returns a sorted list with one more element. Sorting makes states equal that differ only in the
// order of events, so that the checker need not search each order.
func insert[T any](list []T, one T, compare func(T, T) int) []T {
	i, _ := slices.BinarySearchFunc(list, one, compare)
	return slices.Insert(slices.Clone(list), i, one)
}

func byRequest(a, b change) int { return cmp.Compare(a.request, b.request) }

func byKey(a, b done) int { return strings.Compare(a.key, b.key) }

func (s state) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s etag=%s", s.secret, s.etag)
	if s.purgeAt > 0 {
		fmt.Fprintf(&b, " purge_at=%d", s.purgeAt)
	}
	fmt.Fprintf(&b, " name=%s %s=%d versions=%d enabled=%d", s.name, alias, s.alias, s.count, s.enabled)
	for i, v := range s.versions {
		fmt.Fprintf(&b, " v%d:%s etag=%s value=%s", i+1, v.state, v.etag, v.value)
	}
	for _, p := range s.pending {
		fmt.Fprintf(&b, " pending:%+v", p)
	}
	for _, d := range s.done {
		fmt.Fprintf(&b, " %s:%s/%s/%d", d.op, d.key, d.ifMatch, d.number)
	}
	return b.String()
}
