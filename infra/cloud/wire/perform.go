package wire

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
)

// Response is an engine's response to a call.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// OK reports whether the call was performed.
func (r Response) OK() bool { return r.Status == http.StatusOK }

// With returns r with another body, without the checksum of the old one: clients would check it.
func (r Response) With(body []byte) Response {
	r.Header, r.Body = r.Header.Clone(), body
	r.Header.Del("X-Amz-Crc32")
	r.Header.Del("Content-Length")
	return r
}

// Perform performs a call at an engine.
type Perform func(context.Context, Call) (Response, error)

// Around wraps perform: it may change the call, its endpoint and the response. Many goroutines call it at
// once.
type Around func(ctx context.Context, call Call, perform Perform) (Response, error)

// Use wraps every call that is performed. Call it before the proxy serves.
func (p *Proxy) Use(around Around) { p.around = around }

// Send posts a call to an endpoint and reads the whole response.
func Send(ctx context.Context, transport http.RoundTripper, endpoint string, header http.Header, body []byte) (Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return Response{}, err
	}
	request.Header = header.Clone()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return Response{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return Response{Status: response.StatusCode, Header: response.Header, Body: content}, err
}

// Drain returns when no call is under way, nor one that arrives late. A call whose caller has given up
// has been performed by then, or never will be.
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
