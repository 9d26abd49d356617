package api_test

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
)

func (s *service) wantCalls(want ...string) {
	s.t.Helper()
	got := s.cloud.Calls()
	if strings.Join(got, " ") != strings.Join(want, " ") {
		s.t.Errorf("the calls on the wire were %v, want %v", got, want)
	}
}

// wantSteps checks the calls on the wire, of which those of one step may come in any order.
func (s *service) wantSteps(steps ...[]string) {
	s.t.Helper()
	got := s.cloud.Calls()
	for _, step := range steps {
		n := min(len(step), len(got))
		now := slices.Sorted(slices.Values(got[:n]))
		if got = got[n:]; !slices.Equal(now, slices.Sorted(slices.Values(step))) {
			s.t.Errorf("a step's calls were %v, want %v", now, step)
		}
	}
	if len(got) > 0 {
		s.t.Errorf("there were more calls: %v", got)
	}
}

// called returns how many calls of this name were made.
func (s *service) called(name string) int {
	n := 0
	for _, call := range s.cloud.Calls() {
		if call == name {
			n++
		}
	}
	return n
}

// warm forgets the calls made so far and returns id. The request that made id has cached the token.
func (s *service) warm(id string) string {
	s.cloud.ResetCalls()
	return id
}

// before runs do just before the cloud gets the nth call of this name.
func (s *service) before(name string, nth int, do func()) {
	s.cloud.ResetCalls() // which call it is counts on whole batches
	var mu sync.Mutex
	seen := 0
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		mu.Lock()
		if c.Name() == name {
			seen++
		}
		now := c.Name() == name && seen == nth
		mu.Unlock()
		if now {
			do()
		}
		return wire.Pass()
	})
	s.t.Cleanup(func() { s.cloud.Hook(nil) })
}

// meanwhile applies first to the next call of this action, and runs others before the call is sent again.
func (s *service) meanwhile(action string, first wire.Verdict, others func()) {
	var mu sync.Mutex
	sent := 0
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action != action {
			return wire.Pass()
		}
		mu.Lock()
		sent++
		n := sent
		mu.Unlock()
		switch n {
		case 1:
			return first
		case 2:
			others()
		}
		return wire.Pass()
	})
	s.t.Cleanup(func() { s.cloud.Hook(nil) })
}

// loseResponsesTo performs the first calls of this name and loses their responses.
func (s *service) loseResponsesTo(name string, first int) {
	var mu sync.Mutex
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		mu.Lock()
		defer mu.Unlock()
		if c.Name() != name || first == 0 {
			return wire.Pass()
		}
		first--
		return wire.LoseAnswer()
	})
}

// fail applies v to every call to a service.
func (s *service) fail(service string, v wire.Verdict) {
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Service == service {
			return v
		}
		return wire.Pass()
	})
}

// refuse makes the cloud refuse every call of this action.
func (s *service) refuse(action string) {
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == action {
			return wire.Refuse(400, "AccessDeniedException", "no")
		}
		return wire.Pass()
	})
}

// meeting holds each of some calls until all of them have arrived: only parallel calls pass.
type meeting struct {
	mu   sync.Mutex
	seen map[string]bool
	all  chan struct{}

	missed atomic.Bool
}

func (s *service) rendezvous(names ...string) *meeting {
	m := &meeting{seen: map[string]bool{}, all: make(chan struct{})}
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if !slices.Contains(names, c.Name()) {
			return wire.Pass()
		}
		m.mu.Lock()
		m.seen[c.Name()] = true
		if len(m.seen) == len(names) {
			select {
			case <-m.all:
			default:
				close(m.all)
			}
		}
		m.mu.Unlock()
		select {
		case <-m.all:
		case <-time.After(time.Second): // they did not meet: go on, and check fails
			m.missed.Store(true)
		}
		return wire.Pass()
	})
	s.t.Cleanup(func() { s.cloud.Hook(nil) })
	return m
}

func (m *meeting) check(t *testing.T) {
	t.Helper()
	if m.missed.Load() {
		t.Error("the calls were made one after the other")
	}
	select {
	case <-m.all:
	default:
		t.Error("some of the calls were not made")
	}
}
