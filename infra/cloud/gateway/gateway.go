// Package gateway is the laptop's CloudFront and API Gateway. For each HTTP request it runs the edge
// function, sets the headers that the distribution adds, finds the route, invokes its function with an
// event of payload format 2.0, and writes the function's response.
package gateway

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/template"
)

const (
	// maxBody is the largest body of a request, in bytes, as on AWS.
	maxBody = 10 << 20
	// maxWait is how long a client waits for a function before it gets 503, as on AWS.
	maxWait = 29 * time.Second
)

// Invoke runs the named function on an event and returns its response, as lambda.Pool does.
type Invoke func(ctx context.Context, function string, event []byte) ([]byte, error)

// Gateway is an http.Handler whose requests functions serve.
type Gateway struct {
	edge    *Edge
	headers map[string]string // that the distribution adds: they replace the client's
	routes  routes
	invoke  Invoke

	now   func() time.Time // for tests
	newID func() string
}

// New returns a gateway with the template's routes, behind its distribution and its edge function. Two
// routes of the same method and path, a route that the laptop cloud does not support, and edge code that
// does not run are errors.
func New(t *template.Template, invoke Invoke) (*Gateway, error) {
	e, err := NewEdge(t.EdgeCode)
	if err != nil {
		return nil, err
	}
	table, err := newRoutes(t.Functions)
	if err != nil {
		return nil, err
	}
	return &Gateway{edge: e, headers: t.OriginHeaders, routes: table, invoke: invoke, now: time.Now, newID: newID}, nil
}

// ServeHTTP serves one request of a client.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := &call{id: g.newID(), at: g.now(), request: r, ip: clientIP(r)}
	w.Header().Set("Apigw-Requestid", call.id)

	var err error
	call.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	} else if err != nil {
		refuse(w, http.StatusBadRequest, "Bad Request") // the client broke off
		return
	}
	behind, err := g.edge.Run(r, call.id, call.ip)
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, err.Error()) // on AWS the reason is in a log
		return
	}
	call.uri, call.headers = behind.URI, behind.Headers.joined()
	maps.Copy(call.headers, g.headers)
	g.serve(w, call)
}

// serve finds the route of a call that has passed the edge and relays the response of its function.
func (g *Gateway) serve(w http.ResponseWriter, c *call) {
	routed, decoded, err := ReadPath(c.uri)
	if err != nil {
		refuse(w, http.StatusBadRequest, "Bad Request")
		return
	}
	c.path = decoded
	route, params, found := g.routes.match(c.request.Method, routed)
	if !found {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	// A client that hangs up does not stop the function, as on AWS.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.request.Context()), maxWait)
	defer cancel()
	payload, err := g.invoke(ctx, route.function, c.event(route.key, params))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
	case errors.Is(err, lambda.ErrTooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case err != nil:
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		relay(w, payload)
	}
}

// rawPath returns the path as the client spelled it, percent signs and all.
func rawPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if !strings.HasPrefix(path, "/") { // http://host/path: the client uses a proxy
		return r.URL.EscapedPath()
	}
	return path
}

func clientIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// newID returns an id that looks like those of the real gateway.
func newID() string {
	var b [11]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return base64.URLEncoding.EncodeToString(b[:])
}
