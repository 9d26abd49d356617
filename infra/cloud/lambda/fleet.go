package lambda

import (
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"
)

// maxInstances is the most copies of one function: further requests wait. AWS would start up to a
// thousand.
const maxInstances = 16

// fleet is all running instances of one function.
type fleet struct {
	function Function
	log      io.Writer
	slots    chan struct{} // as many entries as requests are in work

	mu   sync.Mutex
	idle []*instance // the last one used is taken first
	all  map[*instance]struct{}
}

func newFleet(f Function, log io.Writer) *fleet {
	return &fleet{
		function: f, log: log,
		slots: make(chan struct{}, maxInstances),
		all:   make(map[*instance]struct{}),
	}
}

// run serves one event in a slot that the caller has taken. It also logs a failure: a client of the
// gateway does not see it.
func (f *fleet) run(event []byte) ([]byte, error) {
	payload, err := f.serve(NewRequestID(), event)
	if err != nil {
		_, _ = fmt.Fprintf(f.log, "%s: %s\n", f.function.Name, err)
	}
	return payload, err
}

func (f *fleet) serve(id string, event []byte) ([]byte, error) {
	i, err := f.take(id)
	if err != nil {
		return nil, err
	}
	payload, err := i.serve(newInvocation(id, event, f.function.Timeout), f.function.Timeout)
	f.giveBack(i)
	return payload, err
}

// take returns an idle instance or starts one. It tries once: a function that always fails to start
// costs one process for each request.
func (f *fleet) take(requestID string) (*instance, error) {
	if i := f.takeIdle(); i != nil {
		return i, nil
	}
	i, err := f.start()
	if err != nil {
		return nil, functionError("Runtime.InvalidEntrypoint", "RequestId: %s Error: %s", requestID, err)
	}
	if err := i.ready(requestID); err != nil {
		return nil, err
	}
	return i, nil
}

func (f *fleet) takeIdle() *instance {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.idle) > 0 {
		last := len(f.idle) - 1
		i := f.idle[last]
		f.idle = f.idle[:last]
		if i.Alive() {
			return i
		}
	}
	return nil
}

func (f *fleet) start() (*instance, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil {
		return nil, ErrClosed
	}
	i, err := launch(f.function, f.log)
	if err != nil {
		return nil, err
	}
	f.all[i] = struct{}{}
	go f.forget(i)
	return i, nil
}

func (f *fleet) forget(i *instance) {
	<-i.Done()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.all, i)
}

func (f *fleet) giveBack(i *instance) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i.Alive() {
		f.idle = append(f.idle, i)
	}
}

// close lets no instance start any more, asks each to end, and kills those that do not.
func (f *fleet) close() {
	f.mu.Lock()
	all := f.all
	f.all = nil
	f.mu.Unlock()

	limit := time.Now().Add(termLimit)
	for i := range all {
		i.Signal(syscall.SIGTERM)
	}
	for i := range all {
		select {
		case <-i.Done():
		case <-time.After(time.Until(limit)):
			i.Kill()
		}
	}
}
