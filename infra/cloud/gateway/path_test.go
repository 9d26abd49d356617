package gateway

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// clientRequest returns a request whose target is as on the wire, well formed or not.
func clientRequest(method, target string) *http.Request {
	return &http.Request{
		Method: method, RequestURI: target, URL: &url.URL{Path: target}, Proto: "HTTP/1.1",
		Host: "127.0.0.1:3000", RemoteAddr: "192.0.2.7:51000", Header: http.Header{}, Body: http.NoBody,
	}
}

func TestTheGatewayReadsAPathAsLiveOnesDo(t *testing.T) {
	for uri, want := range map[string][2]string{
		"/capture/space%20value":       {"/capture/space value", "/capture/space value"},
		"/capture/slash%2Fvalue":       {"/capture/slash/value", "/capture/slash/value"},
		"/capture/question%3Fvalue":    {"/capture/question", "/capture/question"},
		"/capture/hash%23value":        {"/capture/hash#value", "/capture/hash#value"},
		"/capture/literal%252Fvalue":   {"/capture/literal%2Fvalue", "/capture/literal/value"},
		"/capture/literal%253Fvalue":   {"/capture/literal%3Fvalue", "/capture/literal?value"},
		"/capture/literal%2525value":   {"/capture/literal%25value", "/capture/literal%value"},
		"/capture/unicode-%CE%BB-plus": {"/capture/unicode-λ-plus", "/capture/unicode-λ-plus"},
	} {
		if routed, inEvent, err := ReadPath(uri); routed != want[0] || inEvent != want[1] || err != nil {
			t.Errorf("%s is routed as %s and in the event as %s, %v; want %s", uri, routed, inEvent, err, want)
		}
	}
}

func TestAPathThatCannotBeDecodedIsTheGatewaysOwn400(t *testing.T) {
	g := behindEdge(t, `function handler(event) { return event.request; }`)
	for _, path := range []string{"/things/100%", "/things/100%25"} {
		w := httptest.NewRecorder()
		g.ServeHTTP(w, clientRequest("GET", path))
		if w.Code != 400 || w.Body.String() != `{"message":"Bad Request"}` {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
