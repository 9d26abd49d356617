package lambda

import "io"

// Single is one copy of a function, without a Pool that starts others beside it. Its user ends it.
type Single struct {
	*instance
	function Function
}

// Start starts a copy of f that writes to log, and returns when it asks for its first event.
func Start(f Function, log io.Writer) (*Single, error) {
	i, err := launch(f, log)
	if err != nil {
		return nil, err
	}
	return &Single{i, f}, i.ready(NewRequestID())
}

// Invoke runs the function on event. It returns the response when the function asks for another event.
// The error is a *FunctionError.
func (s *Single) Invoke(event []byte) ([]byte, error) {
	return s.serve(newInvocation(NewRequestID(), event, s.function.Timeout), s.function.Timeout)
}
