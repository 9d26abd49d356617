package gateway

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	golden "keepsake/infra/edge"
)

func goldenPairs(t *testing.T) []golden.Pair {
	t.Helper()
	pairs, err := golden.Pairs()
	if err != nil {
		t.Fatal(err)
	}
	if len(pairs) == 0 {
		t.Fatal("golden.txt is empty")
	}
	return pairs
}

// clientRequest has its target as it stands on the wire, well formed or not.
func clientRequest(method, target string) *http.Request {
	path, query, _ := strings.Cut(target, "?")
	return &http.Request{
		Method: method, RequestURI: target, URL: &url.URL{Path: path, RawQuery: query}, Proto: "HTTP/1.1",
		Host: "127.0.0.1:3000", RemoteAddr: "192.0.2.7:51000", Header: http.Header{}, Body: http.NoBody,
	}
}

func edgeFunction(t *testing.T) *edge {
	t.Helper()
	e, err := newEdge(golden.Source)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// behind is the path that the function makes of one.
func (e *edge) behind(method, path string) (string, error) {
	request, err := e.run(&call{request: clientRequest(method, path), ip: "192.0.2.7"})
	if err != nil {
		return "", err
	}
	return request.URI, nil
}

func TestEachGoldenPairHoldsForTheFunctionAlone(t *testing.T) {
	e := edgeFunction(t)
	for _, p := range goldenPairs(t) {
		if got, err := e.behind(p.Method, p.Path); got != p.Behind || err != nil {
			t.Errorf("%s %s becomes %s, %v; want %s", p.Method, p.Path, got, err, p.Behind)
		}
	}
}

func TestEachGoldenPairReachesItsRouteWithItsParameters(t *testing.T) {
	for _, p := range goldenPairs(t) {
		g, last := newGateway(t, `{"statusCode":200}`, nil)
		g.ServeHTTP(httptest.NewRecorder(), clientRequest(p.Method, p.Target()))
		if last.function != p.Function || !maps.Equal(last.event.PathParameters, p.Parameters) {
			t.Errorf("%s %s: %s with %v, want %s with %v", p.Method, p.Target(),
				last.function, last.event.PathParameters, p.Function, p.Parameters)
		}
		if last.event.RawQueryString != p.Query {
			t.Errorf("%s %s: the query is %q", p.Method, p.Target(), last.event.RawQueryString)
		}
	}
}

func TestEachGoldenPairIsAPathOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range goldenPairs(t) {
		if line := p.Method + " " + p.Target(); seen[line] {
			t.Errorf("%s stands twice", line)
		} else {
			seen[line] = true
		}
	}
}

func TestTheFunctionChangesThePathAndTheViewersAddressAndNothingElse(t *testing.T) {
	r := clientRequest("POST", "/v1/secrets/sec_1:undelete?kind=a&kind=b%2Fc&empty=&:undelete")
	r.Header = http.Header{
		"If-Match": {`"7"`}, "X-Tag": {"one", "two"}, "Authorization": {"Bearer x"}, "Cookie": {"a=1; a=2; b=%3A"},
	}
	sent := viewerRequest(&call{request: r, ip: "2001:db8::1"})
	text, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	result, err := edgeFunction(t).call(string(text))
	if err != nil {
		t.Fatal(err)
	}
	want := sent.Request
	want.URI = "/v1/secrets/sec_1/undelete"
	want.Headers["x-viewer-address"] = field{Value: "2001:db8::1"}
	var got edgeRequest
	if err := json.Unmarshal(result, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the request is now\n%s, %v; want\n%+v", result, err, want)
	}
}
