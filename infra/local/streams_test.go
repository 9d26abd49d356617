package main

import (
	"syscall"
	"testing"
)

func TestAChangeIsInTheTrailThoughTheStackWasKilledRightAfterIt(t *testing.T) {
	t.Parallel()
	needsProc(t)
	c := newCheckout(t)
	l := c.start()
	var ids []string
	for range 3 {
		ids = append(ids, l.create())
	}
	l.end(syscall.SIGKILL)
	l = c.start()
	for _, id := range ids {
		until(t, "the creation is in the trail", func() bool { return l.rows("AuditTable", id) == 1 })
	}
}
