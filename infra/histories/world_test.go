package histories

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloudtest"
	"keepsake/shared/api"
	"keepsake/shared/auth"
	"keepsake/shared/boot"
	"keepsake/shared/boot/boottest"
	"keepsake/shared/job"
	"keepsake/shared/store"
)

const workspace = "ws_histories"

// world is a service that many clients use at once, with each function built as its main builds it, and
// the history of their requests.
type world struct {
	t      *testing.T
	cloud  *cloudtest.Cloud
	db     *dynamodb.Client
	origin string
	token  string

	operations map[string]api.Handler
	purges     *store.Store // the table with the rights of purge-due
	expiries   *store.Store // with the rights of purge-expired

	// Each request and purge holds this for reading, so that time stands still while any is under way.
	// A response then depends on nothing unknown except the order of the requests.
	still sync.RWMutex
	now   atomic.Int64 // in Unix seconds

	order   atomic.Int64 // of calls and returns
	mu      sync.Mutex
	history []porcupine.Operation
	open    []int // indexes in history of requests that may still happen
	failed  []string
}

func newWorld(t *testing.T, seed uint64, options ...cloudtest.Option) *world {
	t.Helper()
	w := &world{t: t, cloud: cloudtest.Start(t, append(options, cloudtest.WithFaults(seed))...)}
	w.cloud.StopFaults()
	w.now.Store(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).Unix())
	w.db = dynamodb.NewFromConfig(w.cloud.Config())
	w.cloud.Setenv("create-secret", "delete-secret", "access-secret-version")
	t.Setenv("RETENTION", fmt.Sprintf("%ds", retention))
	t.Setenv("SHORT_RETENTION", "test")
	environment := w.cloud.Function("create-secret").Environment
	w.origin = environment["ORIGIN_KEY"]
	token, err := auth.Mint(t.Context(), w.db, environment["TOKENS_TABLE"], auth.Grant{Workspace: workspace, Scopes: auth.Scopes})
	if err != nil {
		t.Fatal(err)
	}
	w.token = token
	w.build()
	w.cloud.StartFaults()
	return w
}

func (w *world) time() time.Time { return time.Unix(w.now.Load(), 0).UTC() }

func (w *world) build() {
	edge := w.as("get-secret").Edge()
	edge.Now, edge.Log = w.time, slog.New(slog.DiscardHandler)
	w.operations = map[string]api.Handler{}
	for kind, operation := range map[string]string{
		"create": "create-secret", "get": "get-secret", "update": "update-secret", "delete": "delete-secret", "force": "delete-secret",
		"undelete": "undelete-secret", "append": "create-secret-version", "enable": "enable-secret-version",
		"disable": "disable-secret-version", "destroy": "destroy-secret-version", "access": "access-secret-version",
	} {
		w.operations[kind] = boottest.Build(operation, edge, w.as(operation))
	}
	secrets := func(function string) *store.Store { return w.as(function).Secrets() }
	w.purges, w.expiries = secrets("purge-due"), secrets("purge-expired")
}

// as returns the environment of a function.
func (w *world) as(function string) *boot.Env {
	w.t.Setenv("AWS_ACCESS_KEY_ID", lambda.AccessKey(w.cloud.Function(function).Name))
	return boot.Environment()
}

func (w *world) runner() job.Runner {
	return job.Runner{Now: w.time, Log: slog.New(slog.DiscardHandler)}
}

// do sends a request, notes it and its response in the history, and returns the response. If kill is not
// 0, the request is cut off after that time, and its outcome is unknown.
func (w *world) do(client int, id string, in input, kill time.Duration) output {
	w.still.RLock()
	defer w.still.RUnlock()
	in.now = w.now.Load()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if kill > 0 {
		defer time.AfterFunc(kill, cancel).Stop()
	}
	call := w.order.Add(1)
	response, err := w.operations[in.op](ctx, w.event(in, id))
	out := read(in, response)
	out.unknown = out.unknown || ctx.Err() != nil
	w.note(porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: w.order.Add(1)})
	if err != nil || !out.unknown && out.status >= 500 {
		w.fail(in.String() + " → " + out.String())
	}
	return out
}

func (w *world) note(o porcupine.Operation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.Output.(output).unknown {
		w.open = append(w.open, len(w.history))
	}
	w.history = append(w.history, o)
}

func (w *world) fail(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = append(w.failed, what)
}

// pass waits until nothing is under way, then moves the clock. What has not happened by then never will.
func (w *world) pass(by func(now int64) int64) {
	w.still.Lock()
	defer w.still.Unlock()
	w.cloud.Drain()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range w.open {
		w.history[i].Return = w.order.Add(1)
	}
	w.open = nil
	if now := w.now.Load(); by != nil {
		w.now.Store(max(now, by(now)))
	}
}

// purge runs the scheduled purge once, and DynamoDB's expiry once.
func (w *world) purge(random *rand.Rand) {
	w.still.RLock()
	defer w.still.RUnlock()
	// The next run repeats what fails.
	_ = job.PurgeDue(w.runner(), w.purges, retention*time.Second, nil)(context.Background(), job.Event{ID: "tick"})
	w.expire(random)
}
