package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// responseTimeout is longer than the gateway waits for a function.
	responseTimeout = 40 * time.Second
	// maxResponse is in bytes. No response is that long.
	maxResponse = 10 << 20
)

// deployment is the stack under test.
type deployment struct {
	settings
	client *http.Client
	plain  *http.Client // of HTTP/1.1, which sends a header's name as it is spelled

	mu   sync.Mutex
	made []string // the secrets to hard-delete
}

func newDeployment(s settings) *deployment {
	one := http.DefaultTransport.(*http.Transport).Clone()
	one.Protocols = new(http.Protocols)
	one.Protocols.SetHTTP1(true)
	return &deployment{settings: s, client: newClient(http.DefaultTransport), plain: newClient(one)}
}

// newClient returns a client that follows no redirection: the token must go to no other address.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: transport, Timeout: responseTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (d *deployment) secure() bool { return strings.HasPrefix(d.base, "https://") }

// option changes a request.
type option func(*http.Request)

func header(name, value string) option {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func ifMatch(etag string) option { return header("If-Match", etag) }

func idempotencyKey(key string) option { return header("Idempotency-Key", key) }

// bearer replaces the credential, or removes it if token is empty.
func bearer(token string) option {
	return func(r *http.Request) {
		r.Header.Del("Authorization")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
	}
}

func body(content any) option {
	text, _ := json.Marshal(content) // strings, numbers and maps of them always marshal
	return func(r *http.Request) {
		r.Header.Set("Content-Type", "application/json")
		r.ContentLength = int64(len(text))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
		r.Body, _ = r.GetBody()
	}
}

// response is a whole response. Its content is never printed: it may hold a value.
type response struct {
	what   string // the request, like "GET /secrets"
	status int
	header http.Header
	text   []byte
	fields map[string]any // nil: the text is not a JSON object
}

// request builds "POST /secrets/sec_x:undelete", with the token.
func (d *deployment) request(ctx context.Context, what string, options ...option) (*http.Request, error) {
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequestWithContext(ctx, method, d.base+path, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "keepsake-smoke")
	bearer(d.token)(r)
	if d.workspace != "" {
		r.Header.Set("Akua-Context", d.workspace)
	}
	for _, change := range options {
		change(r)
	}
	return r, nil
}

// send sends a request and reads the response.
func (d *deployment) send(ctx context.Context, what string, options ...option) (response, error) {
	r, err := d.request(ctx, what, options...)
	if err != nil {
		return response{}, err
	}
	return read(d.client, r, what)
}

func read(client *http.Client, r *http.Request, what string) (response, error) {
	got, err := client.Do(r)
	if err != nil {
		return response{}, err
	}
	defer got.Body.Close()
	a := response{what: what, status: got.StatusCode, header: got.Header}
	if a.text, err = io.ReadAll(io.LimitReader(got.Body, maxResponse)); err != nil {
		return response{}, err
	}
	_ = json.Unmarshal(a.text, &a.fields) // a check that needs a field fails without it
	return a, nil
}

// code returns the code of the first error, or 0 if the response is not the contract's envelope.
func (a response) code() int {
	var envelope struct {
		Success *bool
		Errors  []struct{ Code int }
		Result  *struct{}
	}
	err := json.Unmarshal(a.text, &envelope)
	if err != nil || envelope.Success == nil || *envelope.Success || envelope.Result == nil || len(envelope.Errors) == 0 {
		return 0
	}
	return envelope.Errors[0].Code
}

// metadata returns a field of the first error's metadata.
func (a response) metadata(name string) string {
	var envelope struct {
		Errors []struct{ Metadata map[string]string }
	}
	if json.Unmarshal(a.text, &envelope) != nil || len(envelope.Errors) == 0 {
		return ""
	}
	return envelope.Errors[0].Metadata[name]
}

// outcome describes the response in a failure.
func (a response) outcome() string {
	switch code := a.code(); {
	case code != 0:
		return fmt.Sprintf("%d %d", a.status, code)
	case a.status >= 400:
		return fmt.Sprintf("%d without the error envelope", a.status)
	}
	return fmt.Sprint(a.status)
}
