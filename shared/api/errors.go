package api

import (
	"errors"
	"net/http"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
)

// wire is what each kind of error is on the wire: the one place that numbers stand in.
var wire = map[secret.Code]struct{ code, status int }{
	secret.Invalid:          {7001, http.StatusBadRequest},
	secret.NotFound:         {7002, http.StatusNotFound},
	secret.Unauthenticated:  {7003, http.StatusUnauthorized},
	secret.Forbidden:        {7004, http.StatusForbidden},
	secret.MethodNotAllowed: {7005, http.StatusMethodNotAllowed},
	secret.Conflict:         {7006, http.StatusConflict},
	secret.Throttled:        {7008, http.StatusTooManyRequests},
	secret.Internal:         {7009, http.StatusInternalServerError},
	secret.Unavailable:      {7011, http.StatusServiceUnavailable},
	secret.Gone:             {7014, http.StatusGone},
}

// errorHeaders are what some kinds of error carry besides.
var errorHeaders = map[secret.Code]map[string]string{
	secret.Unauthenticated: {"WWW-Authenticate": "Bearer"},
	secret.Throttled:       {"Retry-After": "1"},
	secret.Unavailable:     {"Retry-After": "2"},
}

type errorsJSON struct {
	Success bool        `json:"success"`
	Errors  []errorJSON `json:"errors"`
	Result  struct{}    `json:"result"`
}

type errorJSON struct {
	Code     int               `json:"code"`
	Message  string            `json:"message"`
	Path     []string          `json:"path,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

// errorAnswer is the contract's envelope for err. What the domain says is shown; a backend's own
// words are not.
func errorAnswer(err error) Answer {
	faults := faultsOf(err)
	body := errorsJSON{}
	for _, f := range faults {
		body.Errors = append(body.Errors, errorJSON{
			Code: wire[f.Code].code, Message: f.Message, Path: f.Path, Metadata: f.Metadata,
		})
	}
	a := answer(wire[faults[0].Code].status, body)
	a.reason = faults[0].Code
	for name, value := range errorHeaders[faults[0].Code] {
		a.headers[name] = value
	}
	return a
}

// told is err as c's caller may know of it, and has to: who may read metadata is told more, and who made
// a create without a key is told what a repetition does.
func (c *Call) told(err error) error {
	f := faultsOf(err)[0]
	switch {
	case f.ForReaders != "" && c.Principal.May(auth.Read) == nil:
		return f.With(f.ForReaders)
	case f.Code == secret.Unavailable && keyed[c.operation] && c.header("idempotency-key") == nil:
		return f.With("Service Unavailable: it may have been done all the same; with an Idempotency-Key trying again is safe")
	}
	return err
}

// keyed are the operations that only a key keeps from being done twice.
var keyed = map[string]bool{"create-secret": true, "create-secret-version": true}

// faultsOf returns what err comes to in the domain's terms: at least one error.
func faultsOf(err error) secret.Faults {
	var faults secret.Faults
	var one *secret.Error
	switch {
	case errors.As(err, &faults) && len(faults) > 0:
		return faults
	case errors.As(err, &one):
		return secret.Faults{one}
	}
	return secret.Faults{backendError(err)}
}
