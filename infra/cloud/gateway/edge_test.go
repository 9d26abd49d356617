package gateway

import (
	"strings"
	"sync"
	"testing"

	"keepsake/infra/template"
)

func behindEdge(t *testing.T, code string, functions ...template.Function) *Gateway {
	t.Helper()
	if functions == nil {
		functions = []template.Function{{Name: "all", Routes: []template.Route{{Method: "ANY", Path: "$default"}}}}
	}
	g, err := New(&template.Template{EdgeCode: code, Functions: functions}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestTheFunctionSeesTheRequestThatTheEdgeFunctionReturns(t *testing.T) {
	g, last := newGateway(t, `{"statusCode":200}`, nil)
	send(g, "GET", "/things/1", "", "X-Viewer", "10.9.9.9")
	if got := last.event.Headers["x-viewer"]; got != "192.0.2.1" {
		t.Errorf("x-viewer %q, want the client's 192.0.2.1", got)
	}
}

func TestTheDistributionsHeadersReplaceAClients(t *testing.T) {
	for name, headers := range map[string][]string{
		"none":      nil,
		"one":       {"X-Origin", "guessed"},
		"two times": {"x-origin", "guessed", "X-ORIGIN", "the distribution"},
	} {
		g, last := newGateway(t, `{"statusCode":200}`, nil)
		send(g, "GET", "/things/1", "", headers...)
		if got := last.event.Headers["x-origin"]; got != "the distribution" {
			t.Errorf("%s: the function sees %q", name, got)
		}
	}
}

func TestAnEdgeFunctionThatAnswersTheRequestIsRefused(t *testing.T) {
	g := behindEdge(t, `function handler(event) { return {statusCode: 410}; }`)
	w := send(g, "GET", "/", "")
	if w.Code != 503 || !strings.Contains(w.Body.String(), "it returned a response, which the laptop cloud does not support") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAnEdgeFunctionThatThrowsSaysWhyIn503(t *testing.T) {
	for _, code := range []string{
		`function handler(event) { return event.nothing.here; }`,
		`function handler(event) { }`,
		`function handler(event) { return null; }`,
	} {
		w := send(behindEdge(t, code), "GET", "/", "")
		if w.Code != 503 || !strings.Contains(w.Body.String(), "edge function: ") {
			t.Errorf("%s: %d %s", code, w.Code, w.Body)
		}
	}
}

func TestEdgeCodeThatCannotRunIsFoundAtTheStart(t *testing.T) {
	for _, code := range []string{`function handler(`, `var x = y.z;`, ``} {
		if _, err := NewEdge(code); err == nil || !strings.Contains(err.Error(), "the edge function") {
			t.Errorf("%q: error %v", code, err)
		}
	}
}

func TestManyRequestsPassTheEdgeAtOnce(t *testing.T) {
	g, _ := newGateway(t, ``, nil)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			behind, err := g.edge.Run(wireRequest(t, "testdata/open.http"), "id", "192.0.2.1")
			if err != nil || behind.URI != "/things/1/open" {
				t.Errorf("%+v %v", behind, err)
			}
		})
	}
	all.Wait()
}
