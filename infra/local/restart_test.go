package main

import (
	"net/http"
	"os/signal"
	"syscall"
	"testing"
)

func TestWhatAStackKeepsOutlivesItHoweverItEnds(t *testing.T) {
	t.Parallel()
	needsProc(t)
	c := newCheckout(t)
	l := c.start()
	id := l.create()
	token, keys := l.token, c.read(keysPath)
	ends := []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL}
	if !signal.Ignored(syscall.SIGHUP) { // under nohup it is, for the stack as for this test
		ends = append(ends, syscall.SIGHUP)
	}
	for _, how := range ends {
		l.access(id).holds()
		if running := c.processes(); len(running) < 3 {
			t.Fatalf("of a stack, its engine and a function there run %q", running)
		}
		l.end(how)
		l = c.start()
		if l.token != token || c.read(keysPath) != keys {
			t.Errorf("%v: the token or the key is another", how)
		}
	}
	l.access(id).holds()
}

func TestAFreshStackIsEmpty(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	before := c.start()
	id, keys := before.create(), c.read(keysPath)
	before.end(syscall.SIGTERM)

	after := c.start("FRESH=1")
	after.call("GET /secrets/" + id).want(http.StatusNotFound)
	after.call("GET /secrets/"+id, "Authorization: Bearer "+before.token).want(http.StatusUnauthorized)
	if c.read(keysPath) == keys {
		t.Error("the keys are the old ones")
	}
	after.access(after.create()).holds()
}
