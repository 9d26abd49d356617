package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// bridge lets the two worlds meet in JSON only, so that the edge function sees plain objects.
const bridge = `function __run(event) { return JSON.stringify(handler(JSON.parse(event))); }`

// edge runs a CloudFront viewer-request function. A JavaScript engine serves one request at a time,
// so there is a pool of them.
type edge struct {
	program *goja.Program
	engines sync.Pool
}

type engine struct {
	vm  *goja.Runtime
	run goja.Callable
}

// newEdge compiles the function and loads it once, so that a mistake in it is found at the start.
func newEdge(source string) (*edge, error) {
	program, err := goja.Compile("rewrite.js", source+"\n"+bridge, true) // strict, as at the edge
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

// edgeEvent is what CloudFront hands the function.
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

// edgeResponse is how the function may answer in the place of what is behind it.
type edgeResponse struct {
	StatusCode int             `json:"statusCode"`
	Headers    fields          `json:"headers"`
	Body       json.RawMessage `json:"body"` // a text, or an object with data and encoding
}

// run returns the request as it goes on, or the answer that the edge gives at once.
func (e *edge) run(c *call) (*edgeRequest, *answer, error) {
	text, err := json.Marshal(viewerRequest(c))
	if err != nil {
		return nil, nil, fmt.Errorf("edge function: describe the request: %w", err)
	}
	result, err := e.call(string(text))
	if err != nil {
		return nil, nil, fmt.Errorf("edge function: %w", err)
	}
	var either struct {
		edgeRequest
		StatusCode *int `json:"statusCode"`
	}
	if err := json.Unmarshal(result, &either); err != nil {
		return nil, nil, fmt.Errorf("edge function: read its result: %w", err)
	}
	switch {
	case either.StatusCode == nil && either.URI == "":
		return nil, nil, errors.New("edge function: it returned neither a request nor a response")
	case either.StatusCode == nil:
		return &either.edgeRequest, nil, nil
	}
	var response edgeResponse
	if err := json.Unmarshal(result, &response); err != nil {
		return nil, nil, fmt.Errorf("edge function: read its response: %w", err)
	}
	early, err := response.answer()
	return nil, early, err
}

func (e *edge) call(event string) ([]byte, error) {
	js, warm := e.engines.Get().(*engine)
	if !warm {
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
	if goja.IsUndefined(result) { // which JSON cannot say
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
