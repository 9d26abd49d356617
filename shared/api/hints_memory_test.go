package api

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"keepsake/shared/secret"
)

func TestAContainerForgetsTheNameThatItHasKnownLongest(t *testing.T) {
	h := &hints[int]{}
	ref := secret.NewRef("ws_test", time.Now())
	alias := func(i int) name { return name{ref, strconv.Itoa(i)} }
	for i := range maxHints + 1 {
		h.note(alias(i), i)
		h.note(alias(i), i+1) // it takes no second place
	}
	if _, ok := h.of(alias(0)); ok || len(h.known) != maxHints {
		t.Errorf("the first is known: %v, of %d", ok, len(h.known))
	}
	for i := 1; i <= maxHints; i++ {
		if last, ok := h.of(alias(i)); !ok || last != i+1 {
			t.Errorf("%d: %d, %v", i, last, ok)
		}
	}
	h.forget(alias(1))
	if _, ok := h.of(alias(1)); ok {
		t.Error("what was forgotten is known")
	}
}

func TestManyRequestsAtOnceUseWhatAContainerRemembers(t *testing.T) {
	h := &hints[int]{}
	ref := secret.NewRef("ws_test", time.Now())
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 5_000 { // so many that two meet if nothing keeps them apart
				n := name{ref, strconv.Itoa(worker * i % 400)}
				h.note(n, 1)
				h.of(n)
				h.forget(name{ref, strconv.Itoa(i)})
			}
		})
	}
	all.Wait()
	if len(h.known) > maxHints {
		t.Errorf("%d names are known", len(h.known))
	}
}
