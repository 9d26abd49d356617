package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// MaxPayload is how many bytes an event or an answer may have, as on AWS.
const MaxPayload = 6 << 20

var (
	// ErrUnknownFunction says that no function has the name that was asked for.
	ErrUnknownFunction = errors.New("no such function")
	// ErrTooLarge says that an event is larger than MaxPayload.
	ErrTooLarge = errors.New("the event is larger than 6 MB")
	// ErrClosed says that the pool takes no more requests.
	ErrClosed = errors.New("the functions are shutting down")
)

// FunctionError is a request that its function failed: it returned an error, ran out of time, died,
// or never came up.
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
