package gateway

import "testing"

func TestTheEdgesEngineHasNothingThatTheEdgeLacks(t *testing.T) {
	for _, code := range []string{
		`eval('1')`, `new Function('return 1')`, `(function () {}).constructor('return 1')()`,
		`setTimeout(handler, 1)`, `setInterval(handler, 1)`, `setImmediate(handler)`,
		`require('fs')`, `fetch('https://example.com')`, `process.env.HOME`, `new Proxy({}, {})`, `new WeakMap()`,
		`undeclared = 1`, // strict mode cannot be changed
	} {
		e, err := NewEdge(`function handler(event) { ` + code + `; return event.request; }`)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Run(clientRequest("GET", "/"), "id", "192.0.2.7"); err == nil {
			t.Errorf("%s runs here, and would not at the edge", code)
		}
	}
}
