package lambda

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// How long Close waits for running requests, and then for instances to end.
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

// New returns a pool of functions and starts none of them. What they print goes to log, line by line,
// behind the function's name.
func New(log io.Writer, functions ...Function) *Pool {
	p := &Pool{fleets: make(map[string]*fleet), closing: make(chan struct{})}
	out := &shared{to: log}
	for _, f := range functions {
		p.fleets[f.Name] = newFleet(f, out)
	}
	return p
}

// Invoke runs the named function on event and returns its response. A failure of the function is a
// *FunctionError; other errors are ErrUnknownFunction, ErrTooLarge, ErrClosed and ctx's. If ctx ends,
// Invoke returns and the function runs on, as on AWS.
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
	ended := make(chan result, 1)
	go func() {
		defer p.running.Done()
		payload, err := f.run(event)
		<-f.slots
		ended <- result{payload, err}
	}()
	select {
	case r := <-ended:
		return r.payload, r.err
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

// Close refuses new requests, waits a second for the running ones, and ends every instance. It returns
// when all have ended, after some three seconds at most.
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

// within waits until f returns, but not longer than limit.
func within(limit time.Duration, f func()) {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(limit):
	}
}
