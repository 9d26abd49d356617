package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"keepsake/infra/envfile"
)

// laptop is a stack that runs in a checkout.
type laptop struct {
	*checkout
	cmd    *exec.Cmd
	out    *output
	port   int
	ended  chan struct{}
	result error // of its process, once it has ended

	base, token string
}

// start runs the stack until the test ends, and returns when it says that it is up.
func (c *checkout) start(env ...string) *laptop {
	c.t.Helper()
	l := &laptop{checkout: c, port: freePort(c.t), ended: make(chan struct{})}
	l.out = &output{greeted: make(chan struct{})}
	// Not the test's context: its end would kill the stack before it could stop in order.
	l.cmd = c.command(context.Background(), "local", []string{"run"}, append(env, fmt.Sprint("PORT=", l.port)))
	l.cmd.Stdout, l.cmd.Stderr = l.out, l.out
	l.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that a Ctrl-C on the test does not reach it
	if err := l.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func() {
		l.result = l.cmd.Wait()
		close(l.ended)
	}()
	c.t.Cleanup(func() { l.end(syscall.SIGTERM) })
	select {
	case <-l.out.greeted:
	case <-l.ended:
		c.t.Fatalf("the stack ended: %v: %s", l.result, l.out)
	case <-time.After(patience):
		c.t.Fatalf("the stack is not up: %s", l.out)
	}
	known, err := envfile.Read(c.path(envfile.Path))
	if err != nil {
		c.t.Fatal(err)
	}
	l.base, l.token = known[envfile.BaseURL], known[envfile.Token]
	return l
}

// end sends a signal to the stack's process group, as a terminal does, and waits until every process
// has ended. After any signal except SIGKILL, the stack must be the last one to end.
func (l *laptop) end(signal syscall.Signal) {
	l.t.Helper()
	select {
	case <-l.ended:
		return
	default:
	}
	_ = syscall.Kill(-l.cmd.Process.Pid, signal)
	select {
	case <-l.ended:
	case <-time.After(patience):
		_ = l.cmd.Process.Kill()
		l.t.Fatalf("the stack goes on after %v: %s", signal, l.out)
	}
	if signal == syscall.SIGKILL {
		until(l.t, "the engine and the functions follow the stack", func() bool { return len(l.processes()) == 0 })
	} else if left := l.processes(); l.result != nil || len(left) > 0 {
		l.t.Errorf("after %v it ended with %v and left %q", signal, l.result, left)
	}
}

// processes lists the processes that run in the checkout: the stack, its engine, its functions.
func (c *checkout) processes() []string {
	c.t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		c.t.Fatal(err)
	}
	var found []string
	for _, link := range folders {
		folder, err := os.Readlink(link)
		if err != nil || folder != c.dir && !strings.HasPrefix(folder, c.dir+"/") {
			continue // another's, or gone meanwhile
		}
		found = append(found, strings.Trim(strings.TrimPrefix(folder, c.dir), "/"))
	}
	return found
}

// instances counts the processes of one function.
func (c *checkout) instances(function string) int {
	n := 0
	for _, folder := range c.processes() {
		if folder == filepath.Dir(bootstrapPath(function)) {
			n++
		}
	}
	return n
}

func needsProc(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux: it counts processes in /proc, and there the kernel ends a child with its parent")
	}
}

// until calls ok until it is true, and fails the test if that takes too long.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v not yet: %s", patience, what)
		}
	}
}

// freePort returns a port below those that the system hands out, so that no other process gets it before
// the stack does.
func freePort(t *testing.T) int {
	t.Helper()
	for {
		port := 10_000 + rand.IntN(20_000)
		listener, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		_ = listener.Close()
		return port
	}
}

// output collects what the stack prints.
type output struct {
	greeted chan struct{} // closed after the last line of the greeting, which says how to end the stack

	mu   sync.Mutex
	text string
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := strings.Contains(o.text, "Ctrl-C")
	o.text += string(p)
	if !before && strings.Contains(o.text, "Ctrl-C") {
		close(o.greeted)
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text
}
