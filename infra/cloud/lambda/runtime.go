package lambda

import (
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// invocation is one request on its way through an instance.
type invocation struct {
	id       string
	event    []byte
	deadline time.Time
	result   chan result // buffered for one: the runtime API never waits for its reader
}

func newInvocation(id string, event []byte, timeout time.Duration) *invocation {
	return &invocation{id: id, event: event, deadline: time.Now().Add(timeout), result: make(chan result, 1)}
}

// result is what a function returned: a payload, or an error.
type result struct {
	payload []byte
	err     error
}

// runtimeAPI is the Lambda runtime API of one instance, on a listener of its own. It has what a function
// in Go calls.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type runtimeAPI struct {
	http.Handler
	arn    string
	asking chan struct{}    // one entry while the instance waits for work
	work   chan *invocation // taken by the instance's long poll

	mu      sync.Mutex
	current *invocation
}

func newRuntimeAPI(arn string) *runtimeAPI {
	a := &runtimeAPI{
		arn:    arn,
		asking: make(chan struct{}, 1),
		work:   make(chan *invocation),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.failure)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "InvalidRequest", r.Method+" "+r.URL.Path+" is not supported by the local runtime API")
	})
	a.Handler = mux
	return a
}

func (a *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	select {
	case a.asking <- struct{}{}:
	default: // it has asked already
	}
	select {
	case <-r.Context().Done():
	case call := <-a.work:
		a.swap(call)
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", call.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(call.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", a.arn)
		_, _ = w.Write(call.event) // fails if the instance is gone: its exit shows that
	}
}

func (a *runtimeAPI) response(w http.ResponseWriter, r *http.Request) {
	a.settle(w, r, func(body []byte) result { return result{payload: body} })
}

func (a *runtimeAPI) failure(w http.ResponseWriter, r *http.Request) {
	a.settle(w, r, func(body []byte) result { return result{err: &FunctionError{Payload: body}} })
}

func (a *runtimeAPI) settle(w http.ResponseWriter, r *http.Request, toResult func([]byte) result) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload+1))
	if err != nil {
		return // the instance broke off: its exit or the deadline ends the request
	}
	call := a.swap(nil)
	if call == nil || call.id != r.PathValue("id") {
		a.swap(call)
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	if len(body) > MaxPayload {
		tooLarge := functionError("Function.ResponseSizeTooLarge",
			"Response payload size exceeded maximum allowed payload size (%d bytes).", MaxPayload)
		call.result <- result{err: tooLarge}
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "the response is larger than 6 MB")
		return
	}
	call.result <- toResult(body)
	accept(w)
}

// swap sets the request that the instance works on and returns the one before.
func (a *runtimeAPI) swap(call *invocation) *invocation {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.current
	a.current = call
	return before
}

func accept(w http.ResponseWriter) {
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(functionError(kind, "%s", message).Payload)
}
