package engine

import (
	"context"
	"errors"
	"io"
	"time"

	"keepsake/infra/cloud/host"
)

const (
	startAttempts  = 5
	patienceToStop = 3 * time.Second
)

// errNotUp tells a process that ended before it answered, or came up without its tools, which other
// ports may cure, from a start that was given up.
var errNotUp = errors.New("the engine did not come up")

// Config says what to run.
type Config struct {
	Binary string    // the program, as Find and Install return it
	Data   string    // the database file's path; empty keeps everything in memory
	Log    io.Writer // receives what the engine prints; may be nil
}

// Engine is a running Dynoxide.
type Engine struct {
	url    string
	tools  tools
	child  *host.Child
	output *tail
}

// Start runs the engine on free ports of the loopback interface and returns once it answers.
// The context bounds the wait, not the engine's life: Stop ends it, and so does the end of this
// process. If the engine ends instead of answering, the error carries the last that it printed.
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
		// Somebody may have taken a port since it was found free. Whatever else ended the engine
		// ends it again, at once.
	}
	return nil, err
}

// URL is the engine's endpoint, without a slash at its end.
func (e *Engine) URL() string { return e.url }

// Done is closed when the process has ended, for whatever reason.
func (e *Engine) Done() <-chan struct{} { return e.child.Done() }

// Stop asks the engine to end, kills it if it has not within three seconds, and returns when it is
// gone. It may be called more than once.
func (e *Engine) Stop() { e.child.Stop(patienceToStop) }
