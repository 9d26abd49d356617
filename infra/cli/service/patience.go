package service

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	// tries is how often a request is sent at most.
	tries = 6
	// longest is how long the program waits at most before it tries again.
	longest = 30 * time.Second
)

// Wait waits, or ends early with the context's error. Tests replace it.
type Wait func(context.Context, time.Duration) error

// Sleep is the Wait of the program.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// patient sends a request again if the service is throttled or away, after as long as the service says. All our
// requests may be sent twice: they read, or carry an If-Match or an Idempotency-Key.
type patient struct {
	next  http.RoundTripper
	wait  Wait
	tell  func(format string, args ...any) // says on the terminal why it takes long
	tries int
}

// RoundTrip sends one request, several times if it must.
func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	for try := 1; ; try++ {
		response, err := p.next.RoundTrip(r)
		pause, again := p.pause(try, response, err)
		if !again || r.Context().Err() != nil {
			return response, err
		}
		why := "the service cannot be reached"
		if response != nil {
			why = "the service is busy (" + strconv.Itoa(response.StatusCode) + ")"
			_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
			response.Body.Close()
		}
		p.tell("%s: trying again in %s", why, pause)
		if err := p.wait(r.Context(), pause); err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		if r.GetBody != nil {
			if r.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// pause returns how long to wait before the next try, and whether there is one.
func (p patient) pause(try int, response *http.Response, err error) (time.Duration, bool) {
	if try >= p.tries {
		return 0, false
	}
	pause := time.Second << (try - 1)
	switch {
	case err != nil:
		return min(pause, longest), try < 3 // an address where nobody listens will not improve
	case response.StatusCode == http.StatusTooManyRequests, response.StatusCode == http.StatusServiceUnavailable:
		if asked, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && asked >= 0 {
			pause = max(pause, time.Duration(asked)*time.Second)
		}
		return min(pause, longest), true
	}
	return 0, false
}
