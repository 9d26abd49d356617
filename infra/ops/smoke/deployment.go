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
	// patience is how long one answer may take: longer than the gateway waits for a function.
	patience = 40 * time.Second
	// maxAnswer is more than any answer has, in bytes.
	maxAnswer = 10 << 20
)

// deployment is what is under test.
type deployment struct {
	settings
	client *http.Client
	plain  *http.Client // HTTP/1.1, where a header's name is sent as it is spelled

	mu   sync.Mutex
	made []string // the secrets to hard-delete
}

func newDeployment(s settings) *deployment {
	one := http.DefaultTransport.(*http.Transport).Clone()
	one.Protocols = new(http.Protocols)
	one.Protocols.SetHTTP1(true)
	return &deployment{settings: s, client: newClient(http.DefaultTransport), plain: newClient(one)}
}

// newClient follows no redirection: the token is for one address.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: transport, Timeout: patience,
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

// bearer asks with another credential; an empty one is none.
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

// answer is one, read whole. Its content is never printed: it may hold a value.
type answer struct {
	asked  string
	status int
	header http.Header
	text   []byte
	fields map[string]any // nil: no JSON object
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

// send sends a request and reads its answer.
func (d *deployment) send(ctx context.Context, what string, options ...option) (answer, error) {
	r, err := d.request(ctx, what, options...)
	if err != nil {
		return answer{}, err
	}
	return read(d.client, r, what)
}

func read(client *http.Client, r *http.Request, what string) (answer, error) {
	response, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	a := answer{asked: what, status: response.StatusCode, header: response.Header}
	if a.text, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer)); err != nil {
		return answer{}, err
	}
	_ = json.Unmarshal(a.text, &a.fields) // what is none is missed where it is looked for
	return a, nil
}

// code is the first error's; 0: the answer is not the contract's envelope.
func (a answer) code() int {
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

// metadata is a field of the first error's metadata.
func (a answer) metadata(name string) string {
	var envelope struct {
		Errors []struct{ Metadata map[string]string }
	}
	if json.Unmarshal(a.text, &envelope) != nil || len(envelope.Errors) == 0 {
		return ""
	}
	return envelope.Errors[0].Metadata[name]
}

// outcome is the answer in a failure's words.
func (a answer) outcome() string {
	switch code := a.code(); {
	case code != 0:
		return fmt.Sprintf("%d %d", a.status, code)
	case a.status >= 400:
		return fmt.Sprintf("%d without the error envelope", a.status)
	}
	return fmt.Sprint(a.status)
}
