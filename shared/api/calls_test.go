package api_test

import (
	"strings"
	"sync"
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

// meeting holds each of two calls until the other one has arrived: only parallel calls pass.
type meeting struct {
	mu   sync.Mutex
	seen map[string]bool
	both chan struct{}
}

func (s *service) rendezvous(a, b string) *meeting {
	m := &meeting{seen: map[string]bool{}, both: make(chan struct{})}
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Name() != a && c.Name() != b {
			return wire.Pass()
		}
		m.mu.Lock()
		m.seen[c.Name()] = true
		if len(m.seen) == 2 {
			select {
			case <-m.both:
			default:
				close(m.both)
			}
		}
		m.mu.Unlock()
		select {
		case <-m.both:
		case <-time.After(time.Second): // they did not meet: go on, and check fails
			m.mu.Lock()
			delete(m.seen, c.Name())
			m.mu.Unlock()
		}
		return wire.Pass()
	})
	s.t.Cleanup(func() { s.cloud.Hook(nil) })
	return m
}

func (m *meeting) check(t *testing.T) {
	t.Helper()
	select {
	case <-m.both:
	default:
		t.Error("the two calls were made one after the other")
	}
}
