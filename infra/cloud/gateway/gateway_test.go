package gateway

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/template"
)

var update = flag.Bool("update", false, "rewrite the golden events")

// seen is what reached a function.
type seen struct {
	function string
	event    event
	raw      []byte
}

// api is a template with routes, and an edge function that changes paths and adds a header.
var api = &template.Template{
	EdgeCode: `function handler(event) {
		event.request.uri = event.request.uri.replace(/(:|%3A)open$/, '/open');
		event.request.headers['x-viewer'] = {value: event.viewer.ip};
		return event.request;
	}`,
	OriginHeaders: map[string]string{"x-origin": "the distribution"},
	Functions: []template.Function{
		functionWith("make-thing", template.Route{Method: "POST", Path: "/things"}),
		functionWith("read-thing", template.Route{Method: "GET", Path: "/things/{id}"}),
		functionWith("delete-thing", template.Route{Method: "DELETE", Path: "/things/{id}"}),
		functionWith("open-thing", template.Route{Method: "POST", Path: "/things/{id}/open"}),
		functionWith("reject", template.Route{Method: "ANY", Path: "$default"}),
	},
}

// newGateway returns a gateway whose functions all return one response.
func newGateway(t *testing.T, response string, failure error) (*Gateway, *seen) {
	t.Helper()
	last := &seen{}
	g, err := New(api, func(_ context.Context, function string, raw []byte) ([]byte, error) {
		*last = seen{function: function, raw: raw}
		return []byte(response), errors.Join(failure, json.Unmarshal(raw, &last.event))
	})
	if err != nil {
		t.Fatal(err)
	}
	g.newID = func() string { return "JKJaXmPLvHcESHA=" }
	g.now = func() time.Time { return time.Date(2026, 3, 12, 19, 3, 58, 390e6, time.UTC) }
	return g, last
}

func send(g http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

// Each testdata/*.http is a request on the wire, the .json beside it the event that it becomes.
func TestARequestBecomesTheEventThatAWSDocuments(t *testing.T) {
	requests, _ := filepath.Glob("testdata/*.http")
	if len(requests) == 0 {
		t.Fatal("no requests in testdata")
	}
	for _, path := range requests {
		name := strings.TrimSuffix(path, ".http")
		t.Run(filepath.Base(name), func(t *testing.T) {
			g, last := newGateway(t, `{"statusCode":200}`, nil)
			g.ServeHTTP(httptest.NewRecorder(), wireRequest(t, path))
			var got bytes.Buffer
			if err := json.Indent(&got, last.raw, "", "  "); err != nil {
				t.Fatalf("the event %q: %v", last.raw, err)
			}
			got.WriteByte('\n')
			if *update {
				if err := os.WriteFile(name+".json", got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("the event is\n%s\nwant\n%s", got.String(), want)
			}
		})
	}
}

func wireRequest(t *testing.T, path string) *http.Request {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "192.0.2.7:51000"
	return r
}

func TestTheFunctionsResponseBecomesHTTP(t *testing.T) {
	g, _ := newGateway(t, `{"statusCode":201,"headers":{"etag":"\"1\"","content-type":"application/json"},"body":"{\"ok\":true}"}`, nil)
	w := send(g, "POST", "/things", "{}")
	if w.Code != 201 || w.Body.String() != `{"ok":true}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	h := w.Header()
	if h.Get("ETag") != `"1"` || h.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", h)
	}
	if h.Get("Apigw-Requestid") != "JKJaXmPLvHcESHA=" {
		t.Errorf("Apigw-Requestid %q", h.Get("Apigw-Requestid"))
	}
}

func TestABodyInBase64IsDecoded(t *testing.T) {
	g, _ := newGateway(t, `{"statusCode":200,"headers":{"content-type":"image/x"},"body":"/wA=","isBase64Encoded":true}`, nil)
	if w := send(g, "GET", "/things/1", ""); w.Code != 200 || w.Body.String() != "\xff\x00" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

func TestA204HasNoBodyOnTheWire(t *testing.T) {
	g, _ := newGateway(t, `{"statusCode":204,"headers":{"etag":"\"8\""},"body":"no"}`, nil)
	server := httptest.NewServer(g)
	defer server.Close()
	request, _ := http.NewRequest(http.MethodDelete, server.URL+"/things/1", nil)
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode != 204 || len(body) > 0 || err != nil || response.Header.Get("Etag") != `"8"` {
		t.Errorf("%d %q %v %v", response.StatusCode, body, err, response.Header)
	}
}

func TestAFailureIsSaidInTheGatewaysWords(t *testing.T) {
	for _, c := range []struct {
		outcome, response string
		failure           error
		status            int
		message           string
	}{
		{"a function error", ``, errors.New("boom"), 500, `Internal Server Error"}`},
		{"a function that takes too long", ``, context.DeadlineExceeded, 503, "Service Unavailable"},
		{"an event that no function takes", ``, lambda.ErrTooLarge, 413, "Request Entity Too Large"},
		{"a response that is not JSON", `oops`, nil, 500, "Internal Server Error: the function's response is not in payload format 2.0"},
		{"a status that is a word", `{"statusCode":"many"}`, nil, 500, "Internal Server Error: the function's response is not in payload format 2.0"},
		{"a status that HTTP does not have", `{"statusCode":42}`, nil, 500, "Internal Server Error: the function's statusCode is 42"},
		{"a response without a status", `{"hello":"you"}`, nil, 500, "Internal Server Error: the function's response must have a statusCode"},
		{"a body that should be base64", `{"statusCode":200,"body":"?","isBase64Encoded":true}`, nil, 500, "Internal Server Error: the function's body is not base64"},
		{"a cookie", `{"statusCode":200,"cookies":["a=1"]}`, nil, 500, "Internal Server Error: the laptop cloud does not support"},
	} {
		t.Run(c.outcome, func(t *testing.T) {
			g, _ := newGateway(t, c.response, c.failure)
			w := send(g, "GET", "/things/1", "")
			if want := `{"message":"` + c.message; w.Code != c.status || !strings.HasPrefix(w.Body.String(), want) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, want)
			}
		})
	}
}

func TestABodyBeyondTenMegabytesIsRefusedAndOneOfTenIsNot(t *testing.T) {
	g, last := newGateway(t, `{"statusCode":200}`, nil)
	if w := send(g, "POST", "/things", strings.Repeat("x", maxBody+1)); w.Code != 413 || last.function != "" {
		t.Errorf("%d and %q, want 413 and no function", w.Code, last.function)
	}
	if w := send(g, "POST", "/things", strings.Repeat("x", maxBody)); w.Code != 200 {
		t.Errorf("%d for 10 MB, want 200", w.Code)
	}
}

func TestAClientThatHangsUpDoesNotStopTheFunction(t *testing.T) {
	g, _ := newGateway(t, ``, nil)
	ctx, hangUp := context.WithCancel(t.Context())
	g.invoke = func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
		hangUp()
		return []byte(`{"statusCode":200}`), ctx.Err()
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequest("GET", "/things/1", nil).WithContext(ctx))
	if w.Code != 200 {
		t.Errorf("%d, want the function's 200", w.Code)
	}
}
