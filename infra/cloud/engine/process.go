package engine

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"

	"keepsake/infra/cloud/host"
)

const pollInterval = 5 * time.Millisecond

func startOn(ctx context.Context, c Config, port, toolPort int) (*Engine, error) {
	e := &Engine{
		url:    "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		tools:  newTools(toolPort),
		output: &tail{},
	}
	ctx, ended := context.WithCancelCause(ctx)
	defer ended(nil)
	var err error
	e.child, err = host.Start(e.command(c, port, toolPort), func() { ended(fmt.Errorf("%w: %s", errNotUp, e.output)) })
	if err != nil {
		return nil, fmt.Errorf("start the DynamoDB engine: %w", err)
	}
	err = e.awaitData(ctx)
	if err == nil {
		err = e.awaitTools(ctx)
	}
	if err != nil {
		e.Stop()
		return nil, fmt.Errorf("start the DynamoDB engine %s: %w", c.Binary, err)
	}
	return e, nil
}

func (e *Engine) command(c Config, port, toolPort int) *exec.Cmd {
	args := []string{"serve", "--host", "127.0.0.1", "--port", strconv.Itoa(port), "--mcp", "--mcp-port", strconv.Itoa(toolPort)}
	if c.Data != "" {
		args = append(args, "--db-path", c.Data)
	}
	cmd := exec.Command(c.Binary, args...)
	cmd.Env = append(os.Environ(), tokenVariable+"="+e.tools.token) // every user of the machine can read a command line
	cmd.Stdout = e.output
	if c.Log != nil {
		cmd.Stdout = io.MultiWriter(e.output, c.Log)
	}
	cmd.Stderr = cmd.Stdout
	return cmd
}

// awaitData returns when the engine has responded and is still there an interval later: if another
// process had responded on its port, the engine would have ended by then.
func (e *Engine) awaitData(ctx context.Context) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	responded := false
	return host.Poll(ctx, pollInterval, func() (bool, error) {
		if responded {
			return true, nil
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url, nil)
		if err != nil {
			return false, err
		}
		response, err := client.Do(request)
		if responded = err == nil; responded {
			_ = response.Body.Close()
		}
		return false, nil
	})
}

// freePorts finds two free ports. It takes both before it frees one: they differ.
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
