package lambda

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// How long Close waits for running requests, and then for instances that were asked to end.
const (
	drainLimit = time.Second
	termLimit  = time.Second
)

// Pool runs functions. It is safe for concurrent use.
type Pool struct {
	fleets  map[string]*fleet
	closing chan struct{}

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// New returns a pool of functions, none of them started. What they write goes to log, a line at a
// time, behind the function's name.
func New(log io.Writer, functions ...Function) *Pool {
	p := &Pool{fleets: make(map[string]*fleet), closing: make(chan struct{})}
	out := &shared{to: log}
	for _, f := range functions {
		p.fleets[f.Name] = newFleet(f, out)
	}
	return p
}

// Invoke runs the named function on event and returns its answer. The function's own failures are a
// *FunctionError; others are ErrUnknownFunction, ErrTooLarge, ErrClosed and ctx's error. When ctx
// ends, the caller is let go while the function runs on, as on AWS.
func (p *Pool) Invoke(ctx context.Context, name string, event []byte) ([]byte, error) {
	f, known := p.fleets[name]
	switch {
	case !known:
		return nil, fmt.Errorf("%w: %s", ErrUnknownFunction, name)
	case len(event) > MaxPayload:
		return nil, ErrTooLarge
	case !p.enter():
		return nil, ErrClosed
	}
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		p.running.Done()
		return nil, ctx.Err()
	case <-p.closing:
		p.running.Done()
		return nil, ErrClosed
	}
	result := make(chan answer, 1)
	go func() {
		defer p.running.Done()
		payload, err := f.run(event)
		<-f.slots
		result <- answer{payload, err}
	}()
	select {
	case a := <-result:
		return a.payload, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *Pool) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.running.Add(1)
	}
	return !p.closed
}

// Close stops taking requests, lets the running ones end for a moment, and ends every instance. It
// returns when none is left, at the latest after some three seconds.
func (p *Pool) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	close(p.closing)
	p.mu.Unlock()

	within(drainLimit, p.running.Wait)
	var all sync.WaitGroup
	for _, f := range p.fleets {
		all.Go(f.close)
	}
	all.Wait()
	p.running.Wait()
}

// within waits for what, at most for limit.
func within(limit time.Duration, what func()) {
	done := make(chan struct{})
	go func() { defer close(done); what() }()
	select {
	case <-done:
	case <-time.After(limit):
	}
}
