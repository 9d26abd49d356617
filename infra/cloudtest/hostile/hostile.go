// Package hostile makes the engine that tests run against as unhelpful as AWS allows DynamoDB to
// be: what is not read with ConsistentRead, and every global index, is behind its table; batches are
// carried out in part; the rows of a transaction appear one by one. It stands in the wire between
// the clients and the engine, so that the product's code cannot know of it.
//
// How far a test may be disturbed by it without being wrong is what decides on what is on by
// default: all of the above tells a caller nothing that DynamoDB ever promised. What makes calls
// fail (Faults) is for tests that ask for it.
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

// Config is what a Layer stands before.
type Config struct {
	Engine  string                 // the endpoint of the engine with the tables
	Replica func() (string, error) // starts a second engine with the same tables, empty, and returns its endpoint
	Tables  []template.Table
	Seed    uint64
}

// Layer is the hostility before one engine. Its methods may be called by many goroutines at once.
type Layer struct {
	Config
	keys map[string][]string // the names of each table's key attributes

	// gate holds up the opening of a window until the reads under way have ended: what they have seen
	// of a transaction, later ones must not miss.
	gate sync.RWMutex

	mu      sync.Mutex
	free    *sync.Cond
	random  *rand.Rand
	locked  map[rowID]bool // rows of writes under way
	last    map[string]images
	windows []*window
	calls   int // under way
	whole   bool
	during  func()

	replica replica
}

// New makes a layer. The tables must be as they are in the engine.
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

// Around carries a call out as DynamoDB might. It is for wire.Proxy.Use.
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
		return l.inPart(ctx, call, perform)
	case "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems":
		return l.write(ctx, call, perform)
	}
	return perform(ctx, call)
}

// Settle has the indexes and replicas catch up with what has been written so far, as they do on AWS
// within a second or so. They fall behind again with the next write.
func (l *Layer) Settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.last)
}

// Forget is for what changes in the engine behind the layer's back, such as an expiry: it says that
// the replica knows nothing any more.
func (l *Layer) Forget() {
	l.Settle()
	l.replica.reset()
}

// Whole has all batches carried out whole from now on, for tests that count calls.
func (l *Layer) Whole() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.whole = true
}

// During has f called in the middle of each transaction from now on: none of its rows are visible to
// reads then, and one more is with each read of them. nil: never.
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

// write carries a write out, alone on its rows, and keeps what they were before.
func (l *Layer) write(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
	rows, err := l.touched(call)
	if err != nil || len(rows) == 0 {
		return perform(ctx, call) // a call that the engine will refuse
	}
	// Once it has come this far a write is carried out, whether its caller waits for it or not.
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

// hold keeps a transaction's window open while somebody may be looking.
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

// holdAtMost is how long the rows of a transaction take to appear, in microseconds.
const holdAtMost = 1000

// written notes what the last write of each table was.
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
