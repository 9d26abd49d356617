// Package gateway is the laptop's CloudFront and API Gateway: it takes HTTP requests, runs the edge
// function, adds the distribution's own headers, finds the route, hands the function an event of payload format 2.0, and turns its answer
// into HTTP.
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

// Invoke runs the named function on an event and returns its answer, as lambda.Pool does.
type Invoke func(ctx context.Context, function string, event []byte) ([]byte, error)

// Gateway is an http.Handler that answers with functions.
type Gateway struct {
	edge    *edge
	headers map[string]string // the distribution's own: they replace the client's
	routes  routes
	invoke  Invoke

	now   func() time.Time // for tests
	newID func() string
}

// New returns a gateway for the template's routes, behind the template's distribution and its edge
// function. Two routes
// that are the same and edge code that does not run are errors.
func New(t *template.Template, invoke Invoke) (*Gateway, error) {
	e, err := newEdge(t.EdgeCode)
	if err != nil {
		return nil, err
	}
	table, err := newRoutes(t.Functions)
	if err != nil {
		return nil, err
	}
	return &Gateway{edge: e, headers: t.OriginHeaders, routes: table, invoke: invoke, now: time.Now, newID: newID}, nil
}

// ServeHTTP answers one request of a client.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := &call{id: g.newID(), at: g.now(), request: r, ip: clientIP(r)}
	w.Header().Set("Apigw-Requestid", call.id)

	var err error
	call.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	} else if err != nil {
		refuse(w, http.StatusBadRequest, "Bad Request") // the client broke off: an answer of 200 would be a lie
		return
	}
	behind, early, err := g.edge.run(call)
	switch {
	case err != nil: // the developer reads it where he looks first
		refuse(w, http.StatusServiceUnavailable, err.Error())
	case early != nil:
		early.write(w)
	default:
		call.uri, call.headers = behind.URI, behind.Headers.joined()
		maps.Copy(call.headers, g.headers)
		g.answer(w, call)
	}
}

// answer finds the route of a call that has passed the edge and answers with its function.
func (g *Gateway) answer(w http.ResponseWriter, c *call) {
	routed, err := c.readPath()
	if err != nil {
		refuse(w, http.StatusBadRequest, "Bad Request")
		return
	}
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

// rawPath is the path as the client spelled it, percent signs and all.
func rawPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if !strings.HasPrefix(path, "/") { // http://host/path, which a proxy's client sends
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

// newID looks like the gateway's own request ids.
func newID() string {
	var b [11]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return base64.URLEncoding.EncodeToString(b[:])
}
