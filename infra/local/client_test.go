package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// value is the secret value that the tests store. They also check that it does not leak.
const value = "correct horse battery staple"

// withoutKeepAlive uses no connection twice: the stack behind it may have ended.
var withoutKeepAlive = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// response is a response of the stack, with checks.
type response struct {
	t       *testing.T
	request string
	status  int
	header  http.Header
	text    string
	json    map[string]any
}

// call sends a request with the stack's own token: "POST /secrets/sec_x:undelete", and headers as
// curl takes them.
func (l *laptop) call(what string, headers ...string) response {
	l.t.Helper()
	return l.callWith("", what, headers...)
}

func (l *laptop) callWith(body, what string, headers ...string) response {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	method, path, _ := strings.Cut(what, " ")
	request, err := http.NewRequestWithContext(ctx, method, l.base+path, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+l.token)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	got, err := withoutKeepAlive.Do(request)
	if err != nil {
		l.t.Fatalf("%v; the stack said %s", err, l.out)
	}
	defer got.Body.Close()
	content, err := io.ReadAll(got.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	r := response{t: l.t, request: what, status: got.StatusCode, header: got.Header, text: string(content)}
	if err := json.Unmarshal(content, &r.json); err != nil && len(content) > 0 {
		l.t.Fatalf("%s: %d and no JSON: %s", what, r.status, content)
	}
	return r
}

// create makes a secret that holds value, and returns its id. Its etag is 1.
func (l *laptop) create() string {
	l.t.Helper()
	body := `{"name":"db-password","kind":"generic","value":"` + value + `"}`
	return l.callWith(body, "POST /secrets", "Content-Type: application/json").want(http.StatusCreated).field("id")
}

// deleted makes a secret and deletes it. Its etag is 2.
func (l *laptop) deleted() string {
	l.t.Helper()
	id := l.create()
	l.call("DELETE /secrets/"+id, "If-Match: 1").want(http.StatusNoContent)
	return id
}

// access reads a secret's newest value.
func (l *laptop) access(id string) response {
	l.t.Helper()
	return l.call("POST /secrets/" + id + "/versions/latest:access")
}

func (r response) want(status int) response {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: %d, want %d: %s", r.request, r.status, status, r.text)
	}
	return r
}

func (r response) field(name string) string {
	r.t.Helper()
	text, ok := r.json[name].(string)
	if !ok {
		r.t.Fatalf("%s: there is no %s in %s", r.request, name, r.text)
	}
	return text
}

// holds checks that an access has given the value that was stored.
func (r response) holds() {
	r.t.Helper()
	if r.want(http.StatusOK).field("value") != value {
		r.t.Errorf("%s: another value", r.request)
	}
}
