package lambda

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"time"

	"keepsake/infra/cloud/host"
	"keepsake/infra/template"
)

// initLimit is how long a function may take from its start to its first request for work, as on AWS.
const initLimit = 10 * time.Second

// instance is one running copy of a function. It has a runtime API of its own.
type instance struct {
	*host.Child
	api    *runtimeAPI
	server *http.Server
}

// launch starts a copy of f that writes to log. It does not wait for the copy to ask for work.
func launch(f Function, log io.Writer) (*instance, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a runtime API for %s: %w", f.Name, err)
	}
	i := &instance{api: newRuntimeAPI(template.FunctionARN(f.Name))}
	i.server = &http.Server{Handler: i.api, ReadHeaderTimeout: initLimit}
	out := &lines{to: log, prefix: f.Name + ": "}
	cmd := exec.Command(f.Binary)
	cmd.Dir = filepath.Dir(f.Binary)
	cmd.Env = f.environment(listener.Addr().String())
	cmd.Stdout, cmd.Stderr = out, out
	i.Child, err = host.Start(cmd, func() {
		out.flush()
		_ = i.server.Close()
	})
	if err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("start %s: %w", f.Name, err)
	}
	go func() { _ = i.server.Serve(listener) }()
	return i, nil
}

// ready waits until the instance asks for work for the first time. If it ends instead, or takes too long
// and is killed, ready returns an error in AWS's form.
func (i *instance) ready(requestID string) error {
	limit := time.NewTimer(initLimit)
	defer limit.Stop()
	select {
	case <-i.api.asking:
		return nil
	case <-i.Done():
		return exited(requestID, i.Err())
	case <-limit.C:
		i.Kill()
		return timedOut(requestID, initLimit)
	}
}

// serve runs one request. It returns when the instance asks for work again or has ended. A result that
// comes just before a crash counts.
func (i *instance) serve(call *invocation, timeout time.Duration) ([]byte, error) {
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	select {
	case i.api.work <- call:
	case <-i.Done():
		return nil, exited(call.id, i.Err())
	}
	var r result
	select {
	case r = <-call.result:
	case <-i.Done():
		return i.lastResult(call)
	case <-limit.C:
		i.Kill()
		return nil, timedOut(call.id, timeout)
	}
	select {
	case <-i.api.asking:
	case <-i.Done():
	case <-limit.C:
		i.Kill()
	}
	return r.payload, r.err
}

// lastResult returns the result of an instance that has ended: both may happen at the same moment.
func (i *instance) lastResult(call *invocation) ([]byte, error) {
	select {
	case r := <-call.result:
		return r.payload, r.err
	default:
		return nil, exited(call.id, i.Err())
	}
}
