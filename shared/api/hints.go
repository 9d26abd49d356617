package api

import (
	"sync"

	"keepsake/shared/secret"
)

// maxHints is how many names a container remembers: some 100 KB, if they are as long as can be.
const maxHints = 256

// hints remembers which version latest, or an alias, led to last. A hint only says what to read first:
// the rows that are read say whether it still holds. It may be used by many goroutines.
type hints struct {
	mu    sync.Mutex
	known map[name]int
	ring  [maxHints]name // the names in the order in which they came
	next  int            // the place in ring of the name that goes when another one comes
}

// name is latest, or an alias, of one secret.
type name struct {
	of   secret.Ref
	text string
}

// of returns the number of the version that n led to last; false if it is not known.
func (h *hints) of(n name) (int, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	number, ok := h.known[n]
	return number, ok
}

// note remembers that n led to the version with that number. If there are too many names, the oldest goes.
func (h *hints) note(n name, number int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known == nil {
		h.known = map[name]int{}
	}
	if _, ok := h.known[n]; !ok {
		delete(h.known, h.ring[h.next])
		h.ring[h.next] = n
		h.next = (h.next + 1) % maxHints
	}
	h.known[n] = number
}

// forget forgets n.
func (h *hints) forget(n name) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.known, n)
}
