package lambda

import (
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"
)

// maxInstances bounds the copies of one function; further requests wait their turn. A laptop's
// share: AWS would go to a thousand.
const maxInstances = 16

// fleet is the running instances of one function.
type fleet struct {
	function Function
	log      io.Writer
	slots    chan struct{} // as many entries as requests are in work

	mu   sync.Mutex
	idle []*instance // the last one used is the first one taken: the rest may rest
	all  map[*instance]struct{}
}

func newFleet(f Function, log io.Writer) *fleet {
	return &fleet{
		function: f, log: log,
		slots: make(chan struct{}, maxInstances),
		all:   make(map[*instance]struct{}),
	}
}

// run serves one event in a slot that the caller has taken. A failure is in the log, too: a caller
// of the gateway sees nothing of it.
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
	call := &invocation{
		id: id, event: event,
		deadline: time.Now().Add(f.function.Timeout),
		answer:   make(chan answer, 1),
	}
	payload, err := i.serve(call, f.function.Timeout)
	f.giveBack(i)
	return payload, err
}

// take returns a warm instance or starts one. A start-up is tried once per request, so that one
// which always fails costs a process per request and no more.
func (f *fleet) take(requestID string) (*instance, error) {
	if i := f.warm(); i != nil {
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

func (f *fleet) warm() *instance {
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

// close ends every instance, first politely, and lets no other start.
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
