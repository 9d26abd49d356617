// Package stream is the laptop's event source mappings: it reads the streams of DynamoDB tables and
// starts functions on their records, with the filters, batches, retries and dead letters that AWS
// documents. It reads a stream's shards one after the other.
package stream

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"keepsake/infra/cloud/host"
	"keepsake/infra/template"
)

// Config is what delivery stands on.
type Config struct {
	DynamoDB string // its URL
	// Invoke runs a function on an event and returns when it has ended, or ctx has. An error of the
	// function's own is a *lambda.FunctionError; for any other the records wait.
	Invoke func(ctx context.Context, function string, event []byte) ([]byte, error)
	// May says what a function's role allows, as far as the mapping asks for it. nil: everything.
	May       func(f template.Function, action, resource string) bool
	Positions string        // folder: how far each function has come
	Queues    string        // folder: a file of JSON lines for each queue of dead letters
	Log       io.Writer     // what was given up, and what fails
	Drain     time.Duration // how long an invocation may go on when Run is to end

	Pause func(context.Context, time.Duration) error // nil: a real pause, which ends with its context
	Now   func() time.Time                           // nil: time.Now
}

// Mappings bring the changes of tables to functions.
type Mappings struct{ pollers []*poller }

// New prepares those of the functions that a stream starts. It starts nothing. A filter
// that the laptop cloud does not understand is an error.
func New(c Config, functions []template.Function) (*Mappings, error) {
	if c.Pause == nil {
		c.Pause = host.Sleep
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	m := &Mappings{}
	for _, f := range functions {
		if len(f.Streams) > 1 {
			return nil, fmt.Errorf("%s: the laptop cloud lets a function read one stream, not %d", f.LogicalID, len(f.Streams))
		}
		for _, source := range f.Streams {
			p, err := newPoller(c, f, source)
			if err == nil {
				err = c.checkRights(f, source)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.LogicalID, err)
			}
			m.pollers = append(m.pollers, p)
		}
	}
	for _, path := range []string{c.Positions, c.Queues} {
		if err := folder(path); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Run delivers until ctx ends, and returns when what is in work then has ended too, at the latest
// after the drain time.
func (m *Mappings) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, p := range m.pollers {
		all.Go(func() { p.run(ctx) })
	}
	all.Wait()
}
