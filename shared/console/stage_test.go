package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// stage stands between the browser and the stack. It notes the calls of the API, and plays what a stack does
// only on a bad day.
type stage struct {
	url string

	mu    sync.Mutex
	calls []call
	plays []play
}

// call is a request of the page, without its token and its body.
type call struct {
	what          string // such as "POST /v1/secrets/sec_1:undelete"
	ifMatch, key  string
	context, auth string // the workspace that is named; the scheme of the credential
	status        int    // of the response; 0: the stage cut the connection
}

// play is an answer in place of the stack's: for calls whose method and path begin with what.
type play struct {
	what    string
	times   int
	handler http.HandlerFunc
}

func newStage(t *testing.T, stack string) *stage {
	t.Helper()
	to, err := url.Parse(stack)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler := http.Handler(proxy)
		if played := s.next(r.Method + " " + r.URL.RequestURI()); played != nil {
			handler = played
		}
		if !strings.HasPrefix(r.URL.Path, "/v1/") {
			handler.ServeHTTP(w, r)
			return
		}
		noted := &noting{ResponseWriter: w}
		defer s.note(r, noted) // even if the handler panics, which cuts the connection
		handler.ServeHTTP(noted, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// noting keeps the status of a response.
type noting struct {
	http.ResponseWriter
	status int
}

func (n *noting) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

func (s *stage) note(r *http.Request, n *noting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s.calls = append(s.calls, call{
		what: r.Method + " " + r.URL.RequestURI(), ifMatch: r.Header.Get("If-Match"), key: r.Header.Get("Idempotency-Key"),
		context: r.Header.Get("Akua-Context"), auth: scheme, status: n.status,
	})
}

// next returns what is played for a request; nil: nothing.
func (s *stage) next(what string) http.Handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.plays {
		if strings.HasPrefix(what, s.plays[i].what) && s.plays[i].times > 0 {
			s.plays[i].times--
			return s.plays[i].handler
		}
	}
	return nil
}

// play lets handler answer so many of the next calls.
func (s *stage) play(what string, times int, handler http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plays = append(s.plays, play{what, times, handler})
}

// stop ends all plays.
func (s *stage) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plays = nil
}

// refuse answers in the contract's envelope.
func (s *stage) refuse(what string, times, status int, code, message string, headers ...string) {
	s.play(what, times, func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"success":false,"errors":[{"code":` + code + `,"message":"` + message + `"}],"result":{}}`))
	})
}

// cut closes the connection in place of an answer, as a bad network does.
func (s *stage) cut(what string) {
	s.play(what, 1_000, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// made lists the calls whose method and path begin with what.
func (s *stage) made(what string) []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.calls), func(c call) bool { return !strings.HasPrefix(c.what, what) })
}
