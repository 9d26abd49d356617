// Package hostile makes the engine of a test as unhelpful as AWS allows DynamoDB to be. Reads without
// ConsistentRead and global indexes show the state before the last write; batches are performed in part;
// the rows of a transaction appear one by one. It works in the proxy between the clients and the engine:
// the product's code does not know of it.
//
// All of that is on by default: it breaks no promise of DynamoDB's, so a correct test passes anyway.
// Calls fail (Faults) only in tests that ask for it.
package hostile

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

// Config is what a Layer needs.
type Config struct {
	Engine  string                 // the endpoint of the engine
	Replica func() (string, error) // starts a second engine with the same tables, but empty, and returns its endpoint
	Tables  []template.Table
	Seed    uint64
}

// Layer is the hostility in front of one engine. Many goroutines may call its methods at once.
type Layer struct {
	Config
	keys map[string][]string // the names of each table's key attributes

	// gate delays the opening of a window until the reads under way have ended: a later read must not
	// miss a row of the transaction that they have seen.
	gate sync.RWMutex

	mu      sync.Mutex
	free    *sync.Cond
	random  *rand.Rand
	locked  map[rowID]bool    // the rows of writes under way
	last    map[string]images // what the last write of each table replaced
	windows []*window
	calls   int  // under way
	whole   bool // all batches are performed whole
	during  func()

	replica replica
}

// New returns a layer. The engine must have these tables.
func New(c Config) *Layer {
	l := &Layer{
		Config: c, keys: map[string][]string{}, random: rand.New(rand.NewPCG(c.Seed, 0)),
		locked: map[rowID]bool{}, last: map[string]images{},
	}
	l.free = sync.NewCond(&l.mu)
	for _, table := range c.Tables {
		for _, key := range table.Key {
			l.keys[table.Name] = append(l.keys[table.Name], key.Name)
		}
	}
	l.replica.reset()
	return l
}

// Around performs a call as DynamoDB might. Pass it to wire.Proxy.Use.
func (l *Layer) Around(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
	if call.Service != "dynamodb" {
		return perform(ctx, call)
	}
	l.count(1)
	defer l.count(-1)
	switch call.Action {
	case "GetItem", "Query", "Scan":
		return l.read(ctx, call, perform)
	case "BatchGetItem", "BatchWriteItem":
		return l.batch(ctx, call, perform)
	case "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems":
		return l.write(ctx, call, perform)
	}
	return perform(ctx, call)
}

// Settle makes indexes and reads show all that has been written so far, as on AWS after about a second.
// The next write is late for them again.
func (l *Layer) Settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.last)
}

// Forget makes the layer copy all rows to the replica again. Call it if rows in the engine changed
// without the layer, as by an expiry.
func (l *Layer) Forget() {
	l.Settle()
	l.replica.reset()
}

// Whole makes all batches be performed whole from now on, for tests that count calls.
func (l *Layer) Whole() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.whole = true
}

// During calls f in the middle of each transaction from now on. None of its rows is visible to reads
// then, and each read of them makes one more visible. nil: call nothing.
func (l *Layer) During(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.during = f
}

func (l *Layer) count(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls += n
}

// write performs a write while no other writes the same rows, and keeps the rows as they were before.
func (l *Layer) write(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
	rows, err := l.touched(call)
	if err != nil || len(rows) == 0 {
		return perform(ctx, call) // the engine refuses it
	}
	// From here on the write is performed, even if its caller gives up.
	ctx = context.WithoutCancel(ctx)
	l.lock(rows)
	defer l.unlock(rows)
	before, err := l.readRows(ctx, l.Engine, rows)
	if err != nil {
		return wire.Response{}, err
	}
	if call.Action == "TransactWriteItems" {
		w := l.open(before)
		defer l.close(w)
	}
	answer, err := perform(ctx, call)
	l.replica.touch(rows)
	if err != nil || !answer.OK() {
		return answer, err
	}
	if call.Action == "TransactWriteItems" {
		l.hold()
	}
	l.written(before)
	return answer, nil
}

// hold keeps a transaction's window open while other calls may read its rows.
func (l *Layer) hold() {
	l.mu.Lock()
	during, others := l.during, l.calls > 1
	l.mu.Unlock()
	if during != nil {
		during()
	}
	if others {
		time.Sleep(time.Duration(l.roll(holdAtMost)) * time.Microsecond)
	}
}

// holdAtMost is the most time that the rows of a transaction take to appear, in microseconds.
const holdAtMost = 1000

// written keeps what the last write of each table replaced.
func (l *Layer) written(before images) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fresh := map[string]bool{}
	for id, image := range before {
		if !fresh[id.table] {
			fresh[id.table], l.last[id.table] = true, images{}
		}
		l.last[id.table][id] = image
	}
}

func (l *Layer) lock(rows []rowID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for slices.ContainsFunc(rows, func(id rowID) bool { return l.locked[id] }) {
		l.free.Wait()
	}
	for _, id := range rows {
		l.locked[id] = true
	}
}

func (l *Layer) unlock(rows []rowID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range rows {
		delete(l.locked, id)
	}
	l.free.Broadcast()
}

// roll returns a random number below n.
func (l *Layer) roll(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.random.IntN(n)
}
