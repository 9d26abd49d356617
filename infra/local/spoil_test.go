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

// roundTrip passes a request on to the stack and returns its response.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// spoiler breaks a promise between the client and the stack.
type spoiler func(next roundTrip) roundTrip

// proxy passes requests to a stack through a spoiler.
func proxy(l *laptop, spoil spoiler) http.Handler {
	stack, _ := url.Parse(strings.TrimSuffix(l.base, "/v1"))
	return &httputil.ReverseProxy{
		Rewrite:   func(p *httputil.ProxyRequest) { p.SetURL(stack) },
		Transport: spoil(http.DefaultTransport.RoundTrip),
	}
}

func inFront(t *testing.T, l *laptop, spoil spoiler) (base string) {
	t.Helper()
	server := httptest.NewServer(proxy(l, spoil))
	t.Cleanup(server.Close)
	return server.URL + "/v1"
}

// onRequests changes requests.
func onRequests(change func(*http.Request)) spoiler {
	return func(next roundTrip) roundTrip {
		return func(r *http.Request) (*http.Response, error) {
			change(r)
			return next(r)
		}
	}
}

// onResponses changes responses.
func onResponses(change func(*http.Response)) spoiler {
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
	return onRequests(func(r *http.Request) {
		if path := r.URL.EscapedPath(); r.Method == method && strings.Contains(path, from) {
			r.URL.RawPath = strings.Replace(path, from, to, 1)
			r.URL.Path, _ = url.PathUnescape(r.URL.RawPath)
		}
	})
}

func without(header string, from func(*http.Request) bool) spoiler {
	return onRequests(func(r *http.Request) {
		if from(r) {
			r.Header.Del(header)
		}
	})
}

func replaceBody(a *http.Response, status int, text string) {
	a.StatusCode, a.ContentLength, a.Body = status, int64(len(text)), io.NopCloser(strings.NewReader(text))
	a.Header.Set("Content-Length", fmt.Sprint(len(text)))
}

func textOf(body io.ReadCloser) string {
	text, _ := io.ReadAll(body)
	_ = body.Close()
	return string(text)
}

// reword changes the body of the responses to some requests.
func reword(to func(*http.Request) bool, change func(text string) string) spoiler {
	return onResponses(func(a *http.Response) {
		if to(a.Request) {
			replaceBody(a, a.StatusCode, change(textOf(a.Body)))
		}
	})
}

func onPath(method, part string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == method && strings.Contains(r.URL.Path, part) }
}

func onCreate(r *http.Request) bool { return r.Method == "POST" && r.URL.Path == "/v1/secrets" }

// keeping is a cache that stores responses that it must not, and serves them to some requests.
func keeping(store func(*http.Response) bool, serve func(*http.Request) bool) spoiler {
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
			if text, ok := kept[key]; ok && serve(r) {
				replaceBody(a, statuses[key], text)
			} else if store(a) {
				kept[key], statuses[key] = textOf(a.Body), a.StatusCode
				replaceBody(a, a.StatusCode, kept[key])
			}
			return a, err
		}
	}
}

func has(status int) func(*http.Response) bool {
	return func(a *http.Response) bool { return a.StatusCode == status }
}

func anybody(*http.Request) bool { return true }

// echo puts the value that was stored last into the responses to a GET of a secret.
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

// shorten cuts a value that is too long, instead of refusing it.
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

// joining gives the first secret that is read in parallel to all who read afterwards, whoever they are.
func joining() spoiler {
	var mu sync.Mutex
	first := ""
	return onResponses(func(a *http.Response) {
		if !a.Request.URL.Query().Has("parallel") {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if first == "" && a.StatusCode == 200 {
			first = textOf(a.Body)
		}
		if first != "" {
			replaceBody(a, 200, first)
		}
	})
}
