package job_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/job"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// together holds calls until n of them have arrived. If they do not, it says so and lets them go on.
type together struct {
	t       *testing.T
	n       int32
	arrived atomic.Int32
	all     chan struct{}
}

func (b *bench) together(n int32) *together {
	return &together{t: b.t, n: n, all: make(chan struct{})}
}

func (m *together) arrive() {
	if m.arrived.Add(1) == m.n {
		close(m.all)
	}
	select {
	case <-m.all:
	case <-time.After(5 * time.Second):
		m.t.Errorf("%d calls of %d came at the same time", m.arrived.Load(), m.n)
	}
}

// shardOf returns the shard of the index in which the secret lies.
func shardOf(ref secret.Ref) int {
	h := fnv.New32a()
	h.Write([]byte(ref.Workspace + "#" + ref.ID))
	return int(h.Sum32() % store.PurgeShards)
}

// keepIn makes n secrets that lie in one shard.
func (b *bench) keepIn(shard, n int) []secret.Secret {
	b.t.Helper()
	var out []secret.Secret
	for len(out) < n {
		if made := b.keep(1); shardOf(made.Ref) == shard {
			out = append(out, made)
		}
	}
	return out
}

func TestTheShardsOfAPurgeAreAskedSideBySide(t *testing.T) {
	b := start(t)
	meet := b.together(store.PurgeShards)
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "Query" {
			meet.arrive()
		}
		return wire.Pass()
	})
	b.cloud.ResetCalls()
	if err := b.purgeDue(); err != nil {
		t.Error(err)
	}
	if calls := b.cloud.Calls(); len(calls) != store.PurgeShards {
		t.Errorf("an empty run made the calls %v", calls)
	}
}

func TestARunErasesFourSecretsAtATimeAndNoMore(t *testing.T) {
	b := start(t)
	for range 12 {
		b.remove(b.keep(1), b.overdue())
	}
	meet := b.together(4)
	var busy, most atomic.Int32
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		switch c.Action {
		case "UpdateItem": // the mark: a secret is begun
			for n, seen := busy.Add(1), most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
			}
			meet.arrive()
		case "DeleteItem": // the last of its calls
			busy.Add(-1)
		}
		return wire.Pass()
	})
	if err := b.purgeDue(); err != nil || len(b.rows("SecretsTable")) != 0 {
		t.Errorf("%d rows are left (%v)", len(b.rows("SecretsTable")), err)
	}
	if most.Load() != 4 {
		t.Errorf("%d secrets at a time", most.Load())
	}
}

func TestTheLongestOverdueOfAShardAreBegunFirst(t *testing.T) {
	b := start(t)
	all := b.keepIn(3, 6)
	var overdue []string
	for i, made := range all { // the last one longest
		b.remove(made, b.overdue().Add(-time.Duration(i)*time.Minute))
		overdue = append([]string{made.ID}, overdue...)
	}
	meet := b.together(4)
	var mu sync.Mutex
	var begun []string
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "UpdateItem" {
			mu.Lock()
			for _, id := range overdue {
				if strings.Contains(string(c.Body), id) {
					begun = append(begun, id)
				}
			}
			mu.Unlock()
			meet.arrive()
		}
		return wire.Pass()
	})
	if err := b.purgeDue(); err != nil {
		t.Error(err)
	}
	first := begun[:4]
	slices.Sort(first)
	if want := slices.Sorted(slices.Values(overdue[:4])); !slices.Equal(first, want) {
		t.Errorf("begun first %v, want %v", first, want)
	}
}

func TestAShardThatCannotBeReadStopsNoOtherAndTheRunFails(t *testing.T) {
	b := start(t)
	unread, others := b.keepIn(5, 1)[0], b.keepIn(6, 5)
	b.remove(unread, b.overdue())
	for _, made := range others {
		b.remove(made, b.overdue())
	}
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "Query" && strings.Contains(string(c.Body), `":shard":{"S":"5"}`) {
			return wire.Refuse(400, "ResourceNotFoundException", "no")
		}
		return wire.Pass()
	})
	if err := b.purgeDue(); err == nil {
		t.Error("the run succeeded")
	}
	b.cloud.Hook(nil)
	for _, made := range others {
		if n := b.rowsOf(made.Ref); n != 0 {
			t.Errorf("of a secret in another shard %d rows are left", n)
		}
	}
	if n := b.rowsOf(unread.Ref); n != 2 {
		t.Errorf("of the secret that was not read %d rows are left", n)
	}
	b.wantLine("job", map[string]any{"level": "ERROR", "Purged": 5.0})
	if err := b.purgeDue(); err != nil || b.rowsOf(unread.Ref) != 0 {
		t.Errorf("the next run leaves %d rows (%v)", b.rowsOf(unread.Ref), err)
	}
}

// panicking panics once, when a secret has been purged.
type panicking struct {
	slog.Handler
	once *sync.Once
}

func (p panicking) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "purged" {
		p.once.Do(func() { panic("a fault of ours") })
	}
	return p.Handler.Handle(ctx, r)
}

func TestAPanicInARunIsItsErrorAndStopsNoOtherSecret(t *testing.T) {
	b := start(t)
	for range 6 {
		b.remove(b.keep(1), b.overdue())
	}
	b.cloud.Settle()
	shift := b.runner()
	shift.Log = slog.New(panicking{shift.Log.Handler(), &sync.Once{}})
	err := job.PurgeDue(shift, b.secretsOf("purge-due"), retention, nil)(context.Background(), job.Event{ID: "tick"})
	if err == nil || !strings.Contains(fmt.Sprint(err), "panic") {
		t.Errorf("the run ended with %v", err)
	}
	if n := len(b.rows("SecretsTable")); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}
