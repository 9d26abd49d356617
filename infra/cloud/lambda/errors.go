package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// MaxPayload is the most bytes of an event or a response, as on AWS.
const MaxPayload = 6 << 20

var (
	// ErrUnknownFunction says that there is no function of that name.
	ErrUnknownFunction = errors.New("no such function")
	// ErrTooLarge says that an event is larger than MaxPayload.
	ErrTooLarge = errors.New("the event is larger than 6 MB")
	// ErrClosed says that the pool takes no more requests.
	ErrClosed = errors.New("the functions are shutting down")
)

// FunctionError says that a function failed: it returned an error, ran out of time, died or did not
// start.
type FunctionError struct {
	Payload []byte // AWS's form: {"errorMessage":…,"errorType":…}
}

func (e *FunctionError) Error() string {
	return "function error: " + string(e.Payload)
}

func functionError(kind, format string, args ...any) *FunctionError {
	payload, _ := json.Marshal(map[string]string{ // strings always marshal
		"errorType":    kind,
		"errorMessage": fmt.Sprintf(format, args...),
	})
	return &FunctionError{Payload: payload}
}

func timedOut(requestID string, after time.Duration) *FunctionError {
	return functionError("Sandbox.Timedout",
		"RequestId: %s Error: Task timed out after %.2f seconds", requestID, after.Seconds())
}

func exited(requestID string, cause error) *FunctionError {
	return functionError("Runtime.ExitError",
		"RequestId: %s Error: Runtime exited with %s", requestID, exitText(cause))
}

func exitText(cause error) string {
	if cause == nil {
		return "exit status 0"
	}
	return "error: " + cause.Error()
}
