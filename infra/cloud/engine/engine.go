package engine

import (
	"context"
	"errors"
	"io"
	"time"

	"keepsake/infra/cloud/host"
)

const (
	startAttempts = 5
	stopTime      = 3 * time.Second // how long an engine may take to end
)

// errNotUp says that the engine ended before it responded, or that its tools do not respond. Other
// ports may help. They do not help if the start was interrupted.
var errNotUp = errors.New("the engine did not start")

// Config says what to start.
type Config struct {
	Binary string    // the path of the program, from Find or Install
	Data   string    // the path of the database file; empty: keep everything in memory
	Log    io.Writer // gets what the engine prints; may be nil
}

// Engine is a running Dynoxide.
type Engine struct {
	url    string
	tools  tools
	child  *host.Child
	output *tail
}

// Start starts the engine on free ports of the loopback interface and returns when it responds. ctx
// bounds the start, not the engine's life: Stop ends the engine, and so does the end of this process.
// If the engine ends before it responds, the error has the last that it printed.
func Start(ctx context.Context, c Config) (*Engine, error) {
	var err error
	for range startAttempts {
		var port, toolPort int
		if port, toolPort, err = freePorts(); err != nil {
			return nil, err
		}
		var e *Engine
		if e, err = startOn(ctx, c, port, toolPort); err == nil {
			return e, nil
		}
		if !errors.Is(err, errNotUp) {
			return nil, err
		}
		// Another process may have taken a port since it was free. If the engine ended for another
		// reason, the next attempt fails soon, too.
	}
	return nil, err
}

// URL returns the engine's endpoint, without a slash at its end.
func (e *Engine) URL() string { return e.url }

// Done is closed when the engine has ended, for any reason.
func (e *Engine) Done() <-chan struct{} { return e.child.Done() }

// Stop asks the engine to end, kills it after three seconds, and returns when it has ended. It may be
// called more than once.
func (e *Engine) Stop() { e.child.Stop(stopTime) }
