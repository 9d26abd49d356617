package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// bridge passes JSON in and out, so that the edge function sees plain objects.
const bridge = `function __run(event) { return JSON.stringify(handler(JSON.parse(event))); }`

// edge runs a CloudFront viewer-request function. A JavaScript engine serves one request at a time:
// hence the pool.
type edge struct {
	program *goja.Program
	engines sync.Pool
}

type engine struct {
	vm  *goja.Runtime
	run goja.Callable
}

// newEdge compiles the function and loads it once: a mistake in it shows at the start.
func newEdge(source string) (*edge, error) {
	program, err := goja.Compile("edge-function.js", source+"\n"+bridge, true) // strict, as at the edge
	if err != nil {
		return nil, fmt.Errorf("compile the edge function: %w", err)
	}
	e := &edge{program: program}
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

func (e *edge) load() (*engine, error) {
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
	Request edgeRequest       `json:"request"`
}

type edgeRequest struct {
	Method      string `json:"method"`
	URI         string `json:"uri"`
	QueryString fields `json:"querystring"`
	Headers     fields `json:"headers"`
	Cookies     fields `json:"cookies"`
}

// run returns the request that goes on to the gateway.
func (e *edge) run(c *call) (*edgeRequest, error) {
	text, err := json.Marshal(viewerRequest(c))
	if err != nil {
		return nil, fmt.Errorf("edge function: describe the request: %w", err)
	}
	result, err := e.call(string(text))
	if err != nil {
		return nil, fmt.Errorf("edge function: %w", err)
	}
	var out struct {
		edgeRequest
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
	return &out.edgeRequest, nil
}

func (e *edge) call(event string) ([]byte, error) {
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

func viewerRequest(c *call) edgeEvent {
	r := c.request
	headers := fields{"host": fieldOf([]string{r.Host})}
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
			"eventType": "viewer-request", "distributionId": "LOCAL", "requestId": c.id,
		},
		Viewer: map[string]string{"ip": c.ip},
		Request: edgeRequest{
			Method: r.Method, URI: rawPath(r), Headers: headers,
			QueryString: fieldsOf(r.URL.Query()), Cookies: fieldsOf(cookies),
		},
	}
}
