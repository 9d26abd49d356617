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

// Warm makes f run while the function starts, in parallel with the others. Lambda slows the processor
// down only from the first request on: a TLS handshake takes 20 ms before it and 100 ms after. f
// reports no error: whatever fails in it fails again in a request, which can report it.
func (e *Env) Warm(f func(context.Context)) { e.warmers = append(e.warmers, f) }

// Connect opens a connection to the AWS service at url with a request that the service refuses at
// once. The SDK's clients then use that connection.
func (e *Env) Connect(ctx context.Context, url string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return
	}
	response, err := e.AWS.HTTPClient.Do(request)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // a connection is reused only if all was read
	_ = response.Body.Close()
}

// warm runs the functions given to Warm. Their context ends after limit.
func (e *Env) warm(limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var all sync.WaitGroup
	for _, f := range e.warmers {
		all.Go(func() { f(ctx) })
	}
	all.Wait()
}
