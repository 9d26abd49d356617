package terraform

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// request is one that has passed the wire.
type request struct {
	method, path, etag, key, body string
}

// wire stands between Terraform and Keepsake. It remembers the requests, and can spoil a response.
type wire struct {
	URL string

	mu       sync.Mutex
	requests []request
	spoil    string // "METHOD ending-of-path" of the request whose next response is spoilt
	status   int    // that it has instead; 0: the connection is cut
	spoilt   string // the id that the response was about
}

func newWire(t *testing.T) *wire {
	t.Helper()
	target, err := url.Parse(os.Getenv("KEEPSAKE_URL"))
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
			w.remember(r.Out)
		},
		ModifyResponse: w.answer,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	w.URL = server.URL + target.Path
	return w
}

func (w *wire) remember(r *http.Request) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, request{
		r.Method, r.URL.EscapedPath(), r.Header.Get("If-Match"), r.Header.Get("Idempotency-Key"), string(body),
	})
}

// answer lets a response through, or spoils it. Keepsake has done what it was asked to by then.
func (w *wire) answer(resp *http.Response) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	method, path, _ := strings.Cut(w.spoil, " ")
	if w.spoil == "" || resp.Request.Method != method || !strings.HasSuffix(resp.Request.URL.Path, path) {
		return nil
	}
	w.spoil = ""
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var made struct{ ID string }
	if err := json.Unmarshal(content, &made); err != nil {
		return err
	}
	w.spoilt = made.ID
	if w.status == 0 {
		return http.ErrAbortHandler
	}
	resp.StatusCode = w.status
	resp.Header.Set("Retry-After", "1")
	resp.Body = io.NopCloser(bytes.NewReader(content))
	return nil
}

// spoilNext has the next response to such a request come with another status, or, with status 0, not at all.
func (w *wire) spoilNext(request string, status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spoil, w.status, w.spoilt = request, status, ""
}

// made returns the id in the response that was spoilt.
func (w *wire) made(t *testing.T) string {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.spoilt == "" {
		t.Fatal("no response was spoilt")
	}
	return w.spoilt
}

// sent returns the requests of a method to paths with an ending, and forgets them.
func (w *wire) sent(method, ending string) []request {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []request
	for _, r := range w.requests {
		if r.method == method && strings.HasSuffix(r.path, ending) {
			found = append(found, r)
		}
	}
	w.requests = nil
	return found
}

// onWire configures the page's blocks so that their requests go through the wire.
func onWire(t *testing.T, value string, blocks ...string) (workspace, *wire, config) {
	w, wire := newWorkspace(t), newWire(t)
	c := configure(t, w.owner(value), blocks...)
	c.vars["keepsake_url"] = wire.URL
	return w, wire, c
}
