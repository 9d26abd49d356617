package gateway

import (
	"strings"
	"sync"
	"testing"

	golden "keepsake/infra/edge"
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

func TestTheTemplateCarriesTheEdgeFunctionOfItsFile(t *testing.T) {
	tmpl, err := template.Read("../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(tmpl.EdgeCode) != strings.TrimSpace(golden.Source) {
		t.Error("template.yaml and infra/edge/rewrite.js differ")
	}
}

func TestTheViewersAddressIsTheEdgesWord(t *testing.T) {
	g, last := newGateway(t, `{"statusCode":200}`, nil)
	send(g, "GET", "/v1/secrets/sec_1", "", "X-Viewer-Address", "10.9.9.9")
	if got := last.event.Headers["x-viewer-address"]; got != "192.0.2.1" {
		t.Errorf("x-viewer-address %q, want the client's 192.0.2.1", got)
	}
}

func TestTheOriginsKeyIsTheDistributionsWordWhateverAClientSends(t *testing.T) {
	g, last := newGateway(t, `{"statusCode":200}`, nil)
	want := g.headers["x-origin-key"]
	for name, headers := range map[string][]string{
		"nothing":       nil,
		"another":       {"X-Origin-Key", "guessed"},
		"another twice": {"x-origin-key", "guessed", "X-ORIGIN-KEY", want},
	} {
		send(g, "GET", "/v1/secrets/sec_1", "", headers...)
		if got := last.event.Headers["x-origin-key"]; got != want || want == "" {
			t.Errorf("%s: the function sees %q, want %q", name, got, want)
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
		if _, err := newEdge(code); err == nil || !strings.Contains(err.Error(), "the edge function") {
			t.Errorf("%q: error %v", code, err)
		}
	}
}

func TestManyRequestsPassTheEdgeAtOnce(t *testing.T) {
	g, _ := newGateway(t, ``, nil)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			call := &call{ip: "192.0.2.1", request: wireRequest(t, "testdata/undelete.http")}
			if behind, err := g.edge.run(call); err != nil || behind.URI != "/v1/secrets/sec_1/undelete" {
				t.Errorf("%+v %v", behind, err)
			}
		})
	}
	all.Wait()
}
