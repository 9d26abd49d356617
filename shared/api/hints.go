package api

import (
	"sync"

	"keepsake/shared/secret"
)

// maxHints is how many names a container remembers: some 100 KB, if they are as long as can be.
const maxHints = 256

// hints remembers what a name led to last, such as which version latest, or an alias, did. A hint only says
// what to read first: the rows that are read say whether it still holds. It may be used by many goroutines.
type hints[T any] struct {
	mu    sync.Mutex
	known map[name]T
	ring  [maxHints]name // the names in the order in which they came
	next  int            // the place in ring of the name that goes when another one comes
}

// name is latest, or an alias, of one secret; or a secret's own name, if of has no id.
type name struct {
	of   secret.Ref
	text string
}

// of returns what n led to last; false if it is not known.
func (h *hints[T]) of(n name) (T, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	last, ok := h.known[n]
	return last, ok
}

// note remembers what n led to. If there are too many names, the oldest goes.
func (h *hints[T]) note(n name, last T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known == nil {
		h.known = map[name]T{}
	}
	if _, ok := h.known[n]; !ok {
		delete(h.known, h.ring[h.next])
		h.ring[h.next] = n
		h.next = (h.next + 1) % maxHints
	}
	h.known[n] = last
}

// forget forgets n.
func (h *hints[T]) forget(n name) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.known, n)
}
