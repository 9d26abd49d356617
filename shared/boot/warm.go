package boot

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// warmTime is how long a function waits for its connections before it starts without them.
const warmTime = time.Second

// Warm makes f run while the function starts, side by side with the others. Lambda does not slow the
// processor down until the first request comes: a TLS handshake that takes 20 ms before it takes 100 ms
// behind it. Whatever fails then, fails again where it can be told: f reports nothing.
func (e *Env) Warm(f func(context.Context)) { e.warmers = append(e.warmers, f) }

// Connect opens the connection to a service of AWS that will be called at url, by a request that it
// refuses without looking further. The SDK's clients take the connection over.
func (e *Env) Connect(ctx context.Context, url string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return
	}
	response, err := e.AWS.HTTPClient.Do(request)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // a connection is used again if all was read
	_ = response.Body.Close()
}

// warm runs what was given to Warm, and waits for it up to the limit.
func (e *Env) warm(limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var all sync.WaitGroup
	for _, f := range e.warmers {
		all.Go(func() { f(ctx) })
	}
	all.Wait()
}
