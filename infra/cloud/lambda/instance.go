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

// instance is one running copy of a function with a runtime API of its own.
type instance struct {
	*host.Child
	api    *runtimeAPI
	server *http.Server
}

// launch starts a copy of f that logs to log. It does not wait until the copy asks for work.
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

// ready waits until the instance asks for work for the first time. An error in AWS's form says why
// it never will; the instance is gone then.
func (i *instance) ready(requestID string) error {
	limit := time.NewTimer(initLimit)
	defer limit.Stop()
	select {
	case <-i.api.asking:
		return nil
	case reason := <-i.api.failed:
		i.Kill()
		return &FunctionError{Payload: reason}
	case <-i.Done():
		return i.startUpFailure(requestID)
	case <-limit.C:
		i.Kill()
		return timedOut(requestID, initLimit)
	}
}

// startUpFailure prefers the function's own reason, which it gives just before it exits.
func (i *instance) startUpFailure(requestID string) error {
	select {
	case reason := <-i.api.failed:
		return &FunctionError{Payload: reason}
	default:
		return exited(requestID, i.Err())
	}
}

// serve runs one request. It returns once the instance asks for work again, or is gone: an answer
// that comes just before a crash is still an answer.
func (i *instance) serve(call *invocation, timeout time.Duration) ([]byte, error) {
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	select {
	case i.api.work <- call:
	case <-i.Done():
		return nil, exited(call.id, i.Err())
	}
	var a answer
	select {
	case a = <-call.answer:
	case <-i.Done():
		return i.lastWords(call)
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
	return a.payload, a.err
}

// lastWords is the answer of an instance that ended: both may have become known at the same moment.
func (i *instance) lastWords(call *invocation) ([]byte, error) {
	select {
	case a := <-call.answer:
		return a.payload, a.err
	default:
		return nil, exited(call.id, i.Err())
	}
}
