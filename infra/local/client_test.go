package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// value is what the tests store, and look for where it must not be.
const value = "correct horse battery staple"

// everyRequestAnew lets no request meet a connection of a stack that is gone.
var everyRequestAnew = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// answer is what a person sees of one.
type answer struct {
	t      *testing.T
	asked  string
	status int
	header http.Header
	text   string
	json   map[string]any
}

// call sends a request with the stack's own token: "POST /secrets/sec_x:undelete", and headers as
// curl takes them.
func (l *laptop) call(what string, headers ...string) answer {
	l.t.Helper()
	return l.callWith("", what, headers...)
}

func (l *laptop) callWith(body, what string, headers ...string) answer {
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
	response, err := everyRequestAnew.Do(request)
	if err != nil {
		l.t.Fatalf("%v; the stack said %s", err, l.out)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	a := answer{t: l.t, asked: what, status: response.StatusCode, header: response.Header, text: string(content)}
	if err := json.Unmarshal(content, &a.json); err != nil && len(content) > 0 {
		l.t.Fatalf("%s: %d and no JSON: %s", what, a.status, content)
	}
	return a
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
func (l *laptop) access(id string) answer {
	l.t.Helper()
	return l.call("POST /secrets/" + id + "/versions/latest:access")
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: %d, want %d: %s", a.asked, a.status, status, a.text)
	}
	return a
}

func (a answer) field(name string) string {
	a.t.Helper()
	text, ok := a.json[name].(string)
	if !ok {
		a.t.Fatalf("%s: there is no %s in %s", a.asked, name, a.text)
	}
	return text
}

// holds checks that an access has given the value that was stored.
func (a answer) holds() {
	a.t.Helper()
	if a.want(http.StatusOK).field("value") != value {
		a.t.Errorf("%s: another value", a.asked)
	}
}
