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
	answer   chan answer // buffered for one: the runtime API never waits for its reader
}

type answer struct {
	payload []byte
	err     error
}

// runtimeAPI is the Lambda runtime API as one instance sees it, on a listener of the instance's own.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type runtimeAPI struct {
	http.Handler
	arn    string
	asking chan struct{}    // one entry while the instance waits for work
	work   chan *invocation // taken by the instance's long poll
	failed chan []byte      // why the start-up failed, in the function's own words

	mu      sync.Mutex
	current *invocation
}

func newRuntimeAPI(arn string) *runtimeAPI {
	a := &runtimeAPI{
		arn:    arn,
		asking: make(chan struct{}, 1),
		work:   make(chan *invocation),
		failed: make(chan []byte, 1),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.initError)
	a.Handler = mux
	return a
}

func (a *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	select {
	case a.asking <- struct{}{}:
	default: // it asked before; a repeated poll is the same wish
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
		h.Set("Lambda-Runtime-Trace-Id", newTraceID())
		_, _ = w.Write(call.event) // an instance that is gone is noticed by its exit
	}
}

func (a *runtimeAPI) response(w http.ResponseWriter, r *http.Request) {
	a.settle(w, r, func(body []byte) answer { return answer{payload: body} })
}

func (a *runtimeAPI) failure(w http.ResponseWriter, r *http.Request) {
	a.settle(w, r, func(body []byte) answer { return answer{err: &FunctionError{Payload: body}} })
}

func (a *runtimeAPI) settle(w http.ResponseWriter, r *http.Request, toAnswer func([]byte) answer) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload+1))
	if err != nil {
		return // the instance broke off; its exit or the deadline ends the request
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
		call.answer <- answer{err: tooLarge}
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "the answer is larger than 6 MB")
		return
	}
	call.answer <- toAnswer(body)
	accept(w)
}

func (a *runtimeAPI) initError(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload))
	if err == nil {
		select {
		case a.failed <- body:
		default: // only the first reason counts
		}
	}
	accept(w)
}

// swap makes call the one that the instance works on, and returns the one before it.
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
