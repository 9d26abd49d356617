package wire

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
)

// Answer is what an engine answered to a call.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// OK reports whether the call was carried out.
func (a Answer) OK() bool { return a.Status == http.StatusOK }

// With is a with another body. The checksum of the old one goes: clients check it if it is there.
func (a Answer) With(body []byte) Answer {
	a.Header, a.Body = a.Header.Clone(), body
	a.Header.Del("X-Amz-Crc32")
	a.Header.Del("Content-Length")
	return a
}

// Perform has an engine carry out a call.
type Perform func(context.Context, Call) (Answer, error)

// Around stands around every call that is carried out: it may change the call, its engine and the
// answer. It is called by many goroutines at once.
type Around func(ctx context.Context, call Call, perform Perform) (Answer, error)

// Use has around stand around every call from now on. It is not for a proxy that serves already.
func (p *Proxy) Use(around Around) { p.around = around }

// Send posts a call to an endpoint and reads the answer to its end.
func Send(ctx context.Context, transport http.RoundTripper, endpoint string, header http.Header, body []byte) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	request.Header = header.Clone()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return Answer{Status: response.StatusCode, Header: response.Header, Body: content}, err
}

// Drain returns once no call is under way, those that arrive late among them: what callers have given
// up on happens before, or never.
func (p *Proxy) Drain() { p.underway.wait() }

// underway counts calls.
type underway struct {
	mu   sync.Mutex
	n    int
	none chan struct{} // closed when n falls to 0
}

func (u *underway) begin() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n++; u.n == 1 {
		u.none = make(chan struct{})
	}
}

func (u *underway) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n--; u.n == 0 {
		close(u.none)
	}
}

func (u *underway) wait() {
	u.mu.Lock()
	n, none := u.n, u.none
	u.mu.Unlock()
	if n > 0 {
		<-none
	}
}
