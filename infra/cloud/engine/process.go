package engine

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

const (
	pollInterval = 5 * time.Millisecond
	pipePatience = time.Second // for an output that something else still holds when the engine is gone
)

func startOn(ctx context.Context, c Config, port, toolPort int) (*Engine, error) {
	e := &Engine{
		url:    "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		tools:  newTools(toolPort),
		output: &tail{},
		done:   make(chan struct{}),
	}
	args := []string{"serve", "--host", "127.0.0.1", "--port", strconv.Itoa(port), "--mcp", "--mcp-port", strconv.Itoa(toolPort)}
	if c.Data != "" {
		args = append(args, "--db-path", c.Data)
	}
	e.cmd = exec.Command(c.Binary, args...)
	e.cmd.Env = append(os.Environ(), tokenVariable+"="+e.tools.token) // on its command line all could read it
	e.cmd.SysProcAttr = childAttributes()
	e.cmd.Stdout = e.output
	if c.Log != nil {
		e.cmd.Stdout = io.MultiWriter(e.output, c.Log)
	}
	e.cmd.Stderr = e.cmd.Stdout
	e.cmd.WaitDelay = pipePatience
	if err := e.launch(); err != nil {
		return nil, fmt.Errorf("start the DynamoDB engine: %w", err)
	}
	err := e.awaitAnswer(ctx)
	if err == nil {
		err = e.awaitTools(ctx)
	}
	if err != nil {
		e.Stop()
		return nil, fmt.Errorf("start the DynamoDB engine %s: %w", c.Binary, err)
	}
	return e, nil
}

// launch starts the process on a thread that stays until the process ends: Linux sends the parent's
// death signal when the thread that started the child ends, not the process.
func (e *Engine) launch() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := e.cmd.Start()
		started <- err
		if err == nil {
			_ = e.cmd.Wait() // how it ended is in its output
			close(e.done)
		}
	}()
	return <-started
}

func (e *Engine) awaitAnswer(ctx context.Context) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		select {
		case <-e.done:
			return fmt.Errorf("%w: %s", errNotUp, e.output)
		case <-ctx.Done():
			return fmt.Errorf("wait for its first answer: %w", ctx.Err())
		case <-time.After(pollInterval):
			if response != nil {
				return nil
			}
		}
	}
}

// freePorts finds two, which it holds at the same time so that they differ.
func freePorts() (one, other int, err error) {
	var ports [2]int
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, 0, fmt.Errorf("find a free port: %w", err)
		}
		defer listener.Close()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports[0], ports[1], nil
}
