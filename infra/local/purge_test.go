package main

import (
	"testing"
	"time"
)

// purgeBound is how long a secret's rows may stay in the table after its deadline: a tick of the
// schedule, and a run.
const purgeBound = 75 * time.Second

func TestWithTheScheduleAloneNothingIsLeftOfASecretWithinTheBound(t *testing.T) {
	t.Parallel()
	const retention = time.Second
	l := newCheckout(t).start("PURGE=schedule", "RETENTION="+retention.String())
	id := l.deleted()
	deadline := time.Now().Add(retention)
	for l.rows("SecretsTable", id) > 0 {
		if time.Since(deadline) > purgeBound {
			t.Fatalf("%v after its deadline %d rows are left", time.Since(deadline), l.rows("SecretsTable", id))
		}
		time.Sleep(100 * time.Millisecond) // the schedule runs in the stack: its clock cannot be moved
	}
	t.Logf("nothing was left %v after the deadline", time.Since(deadline).Round(time.Second))
	until(t, "its creation, deletion and purge are in the trail", func() bool { return l.rows("AuditTable", id) == 3 })
}
