package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// roundTrip passes a request on to the stack and brings its answer back.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// spoiler breaks a promise on the way.
type spoiler func(next roundTrip) roundTrip

// door stands before a stack and spoils what passes it.
func door(l *laptop, spoil spoiler) http.Handler {
	stack, _ := url.Parse(strings.TrimSuffix(l.base, "/v1"))
	return &httputil.ReverseProxy{
		Rewrite:   func(p *httputil.ProxyRequest) { p.SetURL(stack) },
		Transport: spoil(http.DefaultTransport.RoundTrip),
	}
}

func inFront(t *testing.T, l *laptop, spoil spoiler) (base string) {
	t.Helper()
	server := httptest.NewServer(door(l, spoil))
	t.Cleanup(server.Close)
	return server.URL + "/v1"
}

// asking spoils requests.
func asking(change func(*http.Request)) spoiler {
	return func(next roundTrip) roundTrip {
		return func(r *http.Request) (*http.Response, error) {
			change(r)
			return next(r)
		}
	}
}

// answering spoils answers.
func answering(change func(*http.Response)) spoiler {
	return func(next roundTrip) roundTrip {
		return func(r *http.Request) (*http.Response, error) {
			a, err := next(r)
			if err == nil {
				change(a)
			}
			return a, err
		}
	}
}

// spelling changes how a path is spelled.
func spelling(method, from, to string) spoiler {
	return asking(func(r *http.Request) {
		if path := r.URL.EscapedPath(); r.Method == method && strings.Contains(path, from) {
			r.URL.RawPath = strings.Replace(path, from, to, 1)
			r.URL.Path, _ = url.PathUnescape(r.URL.RawPath)
		}
	})
}

func without(header string, from func(*http.Request) bool) spoiler {
	return asking(func(r *http.Request) {
		if from(r) {
			r.Header.Del(header)
		}
	})
}

func say(a *http.Response, status int, text string) {
	a.StatusCode, a.ContentLength, a.Body = status, int64(len(text)), io.NopCloser(strings.NewReader(text))
	a.Header.Set("Content-Length", fmt.Sprint(len(text)))
}

func textOf(body io.ReadCloser) string {
	text, _ := io.ReadAll(body)
	_ = body.Close()
	return string(text)
}

// reword changes the text of the answers to some requests.
func reword(to func(*http.Request) bool, change func(text string) string) spoiler {
	return answering(func(a *http.Response) {
		if to(a.Request) {
			say(a, a.StatusCode, change(textOf(a.Body)))
		}
	})
}

func onPath(method, part string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == method && strings.Contains(r.URL.Path, part) }
}

func onCreate(r *http.Request) bool { return r.Method == "POST" && r.URL.Path == "/v1/secrets" }

// keeping is a cache that takes and gives what it should not.
func keeping(take func(*http.Response) bool, give func(*http.Request) bool) spoiler {
	var mu sync.Mutex
	kept := map[string]string{}
	statuses := map[string]int{}
	return func(next roundTrip) roundTrip {
		return func(r *http.Request) (*http.Response, error) {
			a, err := next(r)
			if err != nil || r.Method != "GET" || !strings.Contains(r.URL.Path, "/secrets/") {
				return a, err
			}
			mu.Lock()
			defer mu.Unlock()
			key := r.URL.String()
			if text, ok := kept[key]; ok && give(r) {
				say(a, statuses[key], text)
			} else if take(a) {
				kept[key], statuses[key] = textOf(a.Body), a.StatusCode
				say(a, a.StatusCode, kept[key])
			}
			return a, err
		}
	}
}

func has(status int) func(*http.Response) bool {
	return func(a *http.Response) bool { return a.StatusCode == status }
}

func anybody(*http.Request) bool { return true }

// echo answers a GET of a secret with the value that was stored last.
func echo() spoiler {
	var mu sync.Mutex
	var last string
	return func(next roundTrip) roundTrip {
		return func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if onCreate(r) {
				text := textOf(r.Body)
				r.Body = io.NopCloser(strings.NewReader(text))
				var content struct{ Value string }
				_ = json.Unmarshal([]byte(text), &content)
				last = content.Value
			}
			return reword(onPath("GET", "/secrets/sec_"), func(text string) string {
				return strings.Replace(text, "{", `{"value":"`+last+`",`, 1)
			})(next)(r)
		}
	}
}

// shorten cuts what is too long, and says nothing of it.
func shorten(r *http.Request) {
	if r.Body == nil {
		return
	}
	text := textOf(r.Body)
	if len(text) > 65_600 || strings.Count(text, "v") > 65_537 {
		text = `{"value":"short"}`
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
}

var etagField = regexp.MustCompile(`"etag":"[0-9]+"`)
