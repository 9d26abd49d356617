// Package stream is the laptop's event source mappings. It reads the streams of DynamoDB tables and
// invokes functions with their records, with the filters, batches, retries and dead letters that AWS
// documents. It reads the shards of a stream one after the other.
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

// Config is what mappings need.
type Config struct {
	DynamoDB string // its URL
	// Invoke runs a function on an event and returns when the function or ctx has ended. If the function
	// failed, the error is a *lambda.FunctionError. After any other error the records wait.
	Invoke func(ctx context.Context, function string, event []byte) ([]byte, error)
	// May reports whether a function's role allows an action. nil: it allows everything.
	May       func(f template.Function, action, resource string) bool
	Positions string        // a folder for the position of each function
	Queues    string        // a folder with a file of JSON lines for each queue of dead letters
	Log       io.Writer     // gets what was given up and what fails
	Drain     time.Duration // how long an invocation may go on when Run has to end

	Sleep func(context.Context, time.Duration) error // nil: host.Sleep
	Now   func() time.Time                           // nil: time.Now
}

// Mappings bring the changes of tables to functions.
type Mappings struct{ pollers []*poller }

// New returns the mappings of the functions that read a stream. It starts nothing. A filter that the
// laptop cloud does not support is an error, and so is a role that lacks a right.
func New(c Config, functions []template.Function) (*Mappings, error) {
	if c.Sleep == nil {
		c.Sleep = host.Sleep
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	m := &Mappings{}
	for _, f := range functions {
		if len(f.Streams) > 1 {
			return nil, fmt.Errorf("%s: the laptop cloud does not support %d streams for one function: use one", f.LogicalID, len(f.Streams))
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

// Run delivers records until ctx ends. It returns when the running invocations have ended, too, but not
// later than the drain time.
func (m *Mappings) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, p := range m.pollers {
		all.Go(func() { p.run(ctx) })
	}
	all.Wait()
}
