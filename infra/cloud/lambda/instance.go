package lambda

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"keepsake/infra/template"
)

// initLimit is how long a function may take from its start to its first request for work, as on AWS.
const initLimit = 10 * time.Second

// instance is one running copy of a function with a runtime API of its own.
type instance struct {
	api    *runtimeAPI
	server *http.Server
	cmd    *exec.Cmd
	done   chan struct{} // closed when the process has ended; exit is set by then
	exit   error
}

// launch starts a copy of f that logs to log. It does not wait until the copy asks for work.
func launch(f Function, log io.Writer) (*instance, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a runtime API for %s: %w", f.Name, err)
	}
	i := &instance{api: newRuntimeAPI(template.FunctionARN(f.Name)), done: make(chan struct{})}
	i.server = &http.Server{Handler: i.api, ReadHeaderTimeout: initLimit}
	out := &lines{to: log, prefix: f.Name + ": "}
	i.cmd = exec.Command(f.Binary)
	i.cmd.Dir = filepath.Dir(f.Binary)
	i.cmd.Env = f.environment(listener.Addr().String())
	i.cmd.Stdout, i.cmd.Stderr = out, out
	i.cmd.SysProcAttr = ownGroup()
	i.cmd.WaitDelay = time.Second // a grandchild must not keep the log open for ever
	if err := i.start(out); err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("start %s: %w", f.Name, err)
	}
	go func() { _ = i.server.Serve(listener) }()
	return i, nil
}

// start keeps its thread until the process has ended: Linux ends a child (Pdeathsig) with the thread
// that started it, not with the whole parent.
func (i *instance) start(out *lines) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := i.cmd.Start()
		started <- err
		if err == nil {
			i.reap(out)
		}
	}()
	return <-started
}

func (i *instance) reap(out *lines) {
	i.exit = i.cmd.Wait()
	out.flush()
	_ = i.server.Close()
	close(i.done)
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
		i.kill()
		return &FunctionError{Payload: reason}
	case <-i.done:
		return i.startUpFailure(requestID)
	case <-limit.C:
		i.kill()
		return timedOut(requestID, initLimit)
	}
}

// startUpFailure prefers the function's own reason, which it gives just before it exits.
func (i *instance) startUpFailure(requestID string) error {
	select {
	case reason := <-i.api.failed:
		return &FunctionError{Payload: reason}
	default:
		return exited(requestID, i.exit)
	}
}

// serve runs one request. It returns once the instance asks for work again, or is gone: an answer
// that comes just before a crash is still an answer.
func (i *instance) serve(call *invocation, timeout time.Duration) ([]byte, error) {
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	select {
	case i.api.work <- call:
	case <-i.done:
		return nil, exited(call.id, i.exit)
	}
	var a answer
	select {
	case a = <-call.answer:
	case <-i.done:
		return i.lastWords(call)
	case <-limit.C:
		i.kill()
		return nil, timedOut(call.id, timeout)
	}
	select {
	case <-i.api.asking:
	case <-i.done:
	case <-limit.C:
		i.kill()
	}
	return a.payload, a.err
}

// lastWords is the answer of an instance that ended: both may have become known at the same moment.
func (i *instance) lastWords(call *invocation) ([]byte, error) {
	select {
	case a := <-call.answer:
		return a.payload, a.err
	default:
		return nil, exited(call.id, i.exit)
	}
}

func (i *instance) alive() bool {
	select {
	case <-i.done:
		return false
	default:
		return true
	}
}

// kill ends the instance and whatever it started, and waits for that.
func (i *instance) kill() {
	i.signal(syscall.SIGKILL)
	<-i.done
}

// signal reaches the instance's whole process group. An error means that it is gone already.
func (i *instance) signal(s syscall.Signal) {
	if i.alive() {
		_ = syscall.Kill(-i.cmd.Process.Pid, s)
	}
}
