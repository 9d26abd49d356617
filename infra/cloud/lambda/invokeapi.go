package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// InvokePath is the path of AWS's Invoke API on a ServeMux; {name} is the function's.
const InvokePath = "POST /2015-03-31/functions/{name}/invocations"

// ServeHTTP serves AWS's Invoke API at InvokePath, so that the AWS CLI and the SDKs can call the
// functions. It only waits for responses: it does not support asynchronous invocations.
func (p *Pool) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if kind := r.Header.Get("X-Amz-Invocation-Type"); kind != "" && kind != "RequestResponse" {
		invokeFault(w, http.StatusBadRequest, "InvalidParameterValueException",
			fmt.Errorf("the laptop cloud does not support the invocation type %s: use RequestResponse", kind))
		return
	}
	event, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxPayload))
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		invokeFault(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", ErrTooLarge)
		return
	} else if err != nil {
		return // the caller broke off
	}
	if !json.Valid(event) {
		invokeFault(w, http.StatusBadRequest, "InvalidRequestContentException",
			errors.New("could not parse the request body into JSON"))
		return
	}
	payload, err := p.Invoke(r.Context(), r.PathValue("name"), event)
	var failed *FunctionError
	switch {
	case errors.As(err, &failed):
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		payload = failed.Payload
	case errors.Is(err, ErrUnknownFunction):
		invokeFault(w, http.StatusNotFound, "ResourceNotFoundException", err)
		return
	case err != nil:
		invokeFault(w, http.StatusServiceUnavailable, "ServiceException", err)
		return
	}
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(payload)
}

func invokeFault(w http.ResponseWriter, status int, kind string, cause error) {
	w.Header().Set("X-Amzn-Errortype", kind)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"Type":"User","Message":%q}`, cause.Error())
}
