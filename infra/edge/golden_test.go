package edge_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"keepsake/infra/cloud/gateway"
	"keepsake/infra/edge"
	"keepsake/infra/template"
)

func goldenPairs(t *testing.T) []edge.Pair {
	t.Helper()
	pairs, err := edge.Pairs()
	if err != nil {
		t.Fatal(err)
	}
	if len(pairs) == 0 {
		t.Fatal("golden.txt is empty")
	}
	return pairs
}

// clientRequest returns a request whose target is as on the wire, well formed or not.
func clientRequest(method, target string) *http.Request {
	path, query, _ := strings.Cut(target, "?")
	return &http.Request{
		Method: method, RequestURI: target, URL: &url.URL{Path: path, RawQuery: query}, Proto: "HTTP/1.1",
		Host: "127.0.0.1:3000", RemoteAddr: "192.0.2.7:51000", Header: http.Header{}, Body: http.NoBody,
	}
}

// function returns the function as CloudFront would run it.
func function(t testing.TB) *gateway.Edge {
	t.Helper()
	e, err := gateway.NewEdge(edge.Source)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// behind returns the path that the function makes of a request's path.
func behind(e *gateway.Edge, method, path string) (string, error) {
	request, err := e.Run(clientRequest(method, path), "id", "192.0.2.7")
	if err != nil {
		return "", err
	}
	return request.URI, nil
}

// seen is what reached an operation.
type seen struct {
	operation string
	event     events.APIGatewayV2HTTPRequest
}

// newGateway returns a gateway with the template's routes and the function in front of it.
func newGateway(t *testing.T) (*gateway.Gateway, *seen) {
	t.Helper()
	last := &seen{}
	g, err := gateway.New(readTemplate(t), func(_ context.Context, operation string, event []byte) ([]byte, error) {
		*last = seen{operation: operation}
		return []byte(`{"statusCode":200}`), json.Unmarshal(event, &last.event)
	})
	if err != nil {
		t.Fatal(err)
	}
	return g, last
}

func readTemplate(t *testing.T) *template.Template {
	t.Helper()
	tmpl, err := template.Read("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func TestEachGoldenPairHoldsForTheFunctionAlone(t *testing.T) {
	e := function(t)
	for _, p := range goldenPairs(t) {
		if got, err := behind(e, p.Method, p.Path); got != p.Behind || err != nil {
			t.Errorf("%s %s becomes %s, %v; want %s", p.Method, p.Path, got, err, p.Behind)
		}
	}
}

func TestEachGoldenPairReachesItsRouteWithItsParameters(t *testing.T) {
	for _, p := range goldenPairs(t) {
		g, last := newGateway(t)
		g.ServeHTTP(httptest.NewRecorder(), clientRequest(p.Method, p.Target()))
		if last.operation != p.Function || !maps.Equal(last.event.PathParameters, p.Parameters) {
			t.Errorf("%s %s: %s with %v, want %s with %v", p.Method, p.Target(),
				last.operation, last.event.PathParameters, p.Function, p.Parameters)
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

func TestTheFunctionChangesThePathAndNotesTheViewersAddressAndHostAndDoesNothingElse(t *testing.T) {
	r := clientRequest("POST", "/v1/secrets/sec_1:undelete?kind=a&kind=b%2Fc&empty=&:undelete")
	r.Header = http.Header{
		"If-Match": {`"7"`}, "X-Tag": {"one", "two"}, "X-Viewer-Host": {"evil.example"}, "Authorization": {"Bearer x"}, "Cookie": {"a=1; a=2; b=%3A"},
	}
	got, err := function(t).Run(r, "id", "2001:db8::1")
	if err != nil {
		t.Fatal(err)
	}
	one := func(value string) gateway.Field { return gateway.Field{Value: value} }
	many := func(values ...string) gateway.Field {
		f := one(values[0])
		for _, value := range values {
			f.MultiValue = append(f.MultiValue, one(value))
		}
		return f
	}
	want := &gateway.EdgeRequest{
		Method: "POST", URI: "/v1/secrets/sec_1/undelete",
		QueryString: gateway.Fields{"kind": many("a", "b/c"), "empty": one(""), ":undelete": one("")},
		Headers: gateway.Fields{
			"host": one("127.0.0.1:3000"), "if-match": one(`"7"`), "x-tag": many("one", "two"), "authorization": one("Bearer x"),
			"x-viewer-address": one("2001:db8::1"), "x-viewer-host": one("127.0.0.1:3000"),
		},
		Cookies: gateway.Fields{"a": many("1", "2"), "b": one("%3A")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the request is now\n%+v; want\n%+v", got, want)
	}
}

func TestTheTemplateCarriesTheEdgeFunctionOfItsFile(t *testing.T) {
	if strings.TrimSpace(readTemplate(t).EdgeCode) != strings.TrimSpace(edge.Source) {
		t.Error("template.yaml and infra/edge/rewrite.js differ")
	}
}

func TestTheViewersAddressIsTheEdgesWord(t *testing.T) {
	g, last := newGateway(t)
	send(g, "X-Viewer-Address", "10.9.9.9")
	if got := last.event.Headers["x-viewer-address"]; got != "192.0.2.1" {
		t.Errorf("x-viewer-address %q, want the client's 192.0.2.1", got)
	}
}

func TestTheOriginsKeyIsTheDistributionsWordWhateverAClientSends(t *testing.T) {
	g, last := newGateway(t)
	want := readTemplate(t).OriginHeaders["x-origin-key"]
	for name, headers := range map[string][]string{
		"nothing":       nil,
		"another":       {"X-Origin-Key", "guessed"},
		"another twice": {"x-origin-key", "guessed", "X-ORIGIN-KEY", want},
	} {
		send(g, headers...)
		if got := last.event.Headers["x-origin-key"]; got != want || want == "" {
			t.Errorf("%s: the function sees %q, want %q", name, got, want)
		}
	}
}

// send sends a request with headers.
func send(g http.Handler, headers ...string) {
	r := httptest.NewRequest("GET", "/v1/secrets/sec_1", nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	g.ServeHTTP(httptest.NewRecorder(), r)
}
