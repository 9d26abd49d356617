package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// bridge passes JSON in and out, so that the edge function sees plain objects.
const bridge = `function __run(event) { return JSON.stringify(handler(JSON.parse(event))); }`

// Edge runs a CloudFront viewer-request function. A JavaScript engine serves one request at a time:
// hence the pool.
type Edge struct {
	program *goja.Program
	engines sync.Pool
}

type engine struct {
	vm  *goja.Runtime
	run goja.Callable
}

// NewEdge compiles the function and loads it once: a mistake in it shows at the start.
func NewEdge(source string) (*Edge, error) {
	program, err := goja.Compile("edge-function.js", source+"\n"+bridge, true) // strict, as at the edge
	if err != nil {
		return nil, fmt.Errorf("compile the edge function: %w", err)
	}
	e := &Edge{program: program}
	first, err := e.load()
	if err != nil {
		return nil, fmt.Errorf("load the edge function: %w", err)
	}
	if _, ok := goja.AssertFunction(first.vm.Get("handler")); !ok {
		return nil, errors.New("load the edge function: it has no function named handler")
	}
	e.engines.Put(first)
	return e, nil
}

func (e *Edge) load() (*engine, error) {
	vm, err := edgeRuntime()
	if err != nil {
		return nil, err
	}
	if _, err := vm.RunProgram(e.program); err != nil {
		return nil, err
	}
	run, _ := goja.AssertFunction(vm.Get("__run")) // the bridge is part of the program
	return &engine{vm: vm, run: run}, nil
}

// edgeEvent is what CloudFront passes to the function.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
type edgeEvent struct {
	Version string            `json:"version"`
	Context map[string]string `json:"context"`
	Viewer  map[string]string `json:"viewer"`
	Request EdgeRequest       `json:"request"`
}

// EdgeRequest is a request as the function gets and returns it.
type EdgeRequest struct {
	Method      string `json:"method"`
	URI         string `json:"uri"` // the path as the client spelled it
	QueryString Fields `json:"querystring"`
	Headers     Fields `json:"headers"` // names in lower case
	Cookies     Fields `json:"cookies"`
}

// Run returns the request that goes on to the gateway. id names the request; ip is the client's address.
func (e *Edge) Run(r *http.Request, id, ip string) (*EdgeRequest, error) {
	text, err := json.Marshal(viewerRequest(r, id, ip))
	if err != nil {
		return nil, fmt.Errorf("edge function: describe the request: %w", err)
	}
	result, err := e.call(string(text))
	if err != nil {
		return nil, fmt.Errorf("edge function: %w", err)
	}
	var out struct {
		EdgeRequest
		StatusCode *int `json:"statusCode"`
	}
	if err := json.Unmarshal(result, &out); err != nil {
		return nil, fmt.Errorf("edge function: read its result: %w", err)
	}
	switch {
	case out.StatusCode != nil:
		return nil, errors.New("edge function: it returned a response, which the laptop cloud does not support: return the request")
	case out.URI == "":
		return nil, errors.New("edge function: it did not return the request")
	}
	return &out.EdgeRequest, nil
}

func (e *Edge) call(event string) ([]byte, error) {
	js, pooled := e.engines.Get().(*engine)
	if !pooled {
		var err error
		if js, err = e.load(); err != nil {
			return nil, err
		}
	}
	defer e.engines.Put(js)
	result, err := js.run(goja.Undefined(), js.vm.ToValue(event))
	if err != nil {
		return nil, err
	}
	if goja.IsUndefined(result) { // JSON has no undefined
		return []byte("null"), nil
	}
	return []byte(result.String()), nil
}

func viewerRequest(r *http.Request, id, ip string) edgeEvent {
	headers := Fields{"host": fieldOf([]string{r.Host})}
	for name, values := range r.Header {
		if name != "Cookie" {
			headers[strings.ToLower(name)] = fieldOf(values)
		}
	}
	cookies := map[string][]string{}
	for _, cookie := range r.Cookies() {
		cookies[cookie.Name] = append(cookies[cookie.Name], cookie.Value)
	}
	return edgeEvent{
		Version: "1.0",
		Context: map[string]string{
			"eventType": "viewer-request", "distributionId": "LOCAL", "requestId": id,
		},
		Viewer: map[string]string{"ip": ip},
		Request: EdgeRequest{
			Method: r.Method, URI: rawPath(r), Headers: headers,
			QueryString: fieldsOf(r.URL.Query()), Cookies: fieldsOf(cookies),
		},
	}
}
