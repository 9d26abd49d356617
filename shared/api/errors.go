package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"keepsake/shared/auth"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// wire has the contract's code and the HTTP status of each kind of error. No other file has such numbers.
var wire = map[fault.Kind]struct{ code, status int }{
	fault.Invalid:          {7001, http.StatusBadRequest},
	fault.NotFound:         {7002, http.StatusNotFound},
	fault.Unauthenticated:  {7003, http.StatusUnauthorized},
	fault.Forbidden:        {7004, http.StatusForbidden},
	fault.MethodNotAllowed: {7005, http.StatusMethodNotAllowed},
	fault.Conflict:         {7006, http.StatusConflict},
	fault.Throttled:        {7008, http.StatusTooManyRequests},
	fault.Internal:         {7009, http.StatusInternalServerError},
	fault.Unavailable:      {7011, http.StatusServiceUnavailable},
	fault.Gone:             {7014, http.StatusGone},
}

// errorHeaders are the headers that some kinds of error add to the response.
var errorHeaders = map[fault.Kind]map[string]string{
	fault.Unauthenticated: {"WWW-Authenticate": "Bearer"},
	fault.Throttled:       {"Retry-After": "1"},
	fault.Unavailable:     {"Retry-After": "2"},
}

// errorResponse returns the contract's envelope for err. It shows the domain's messages and never a
// backend's.
func errorResponse(err error) Response {
	faults := faultsOf(err)
	body := errorsJSON{}
	for _, f := range faults {
		body.Errors = append(body.Errors, errorJSON{
			Code: wire[f.Kind].code, Message: f.Message, Path: f.Path, Metadata: f.Metadata,
		})
	}
	r := withBody(wire[faults[0].Kind].status, body)
	r.kind = faults[0].Kind
	for name, value := range errorHeaders[faults[0].Kind] {
		r.headers[name] = value
	}
	return r
}

// inHTTP rewords err for c's caller. It names the headers that are at fault. A caller that may read
// metadata learns that a secret is deleted, one that may see the trash which deleted secrets have a name, and a
// caller of a create without a key what a retry may do.
func (c *Call) inHTTP(err error) error {
	var stale *secret.StaleEtagError
	var reused *store.KeyReusedError
	var deleted *secret.DeletedError
	var named *secret.NameDeletedError
	f := faultsOf(err)[0]
	switch {
	case errors.As(err, &stale) && stale.Version:
		return f.With("ABORTED: the version has changed since the etag in If-Match, which is the version's own and not the secret's")
	case errors.As(err, &stale):
		return f.With("ABORTED: the resource has changed since the etag in If-Match")
	case errors.As(err, &reused):
		f = f.With("the Idempotency-Key has already been used with another request")
		f.Path = []string{"headers", "idempotency-key"}
		return f
	case errors.As(err, &deleted) && c.Principal.May(auth.Read) == nil:
		return f.With("Not Found: the secret is deleted; undelete brings it back until " + deleted.PurgeAt.UTC().Format(time.RFC3339))
	case errors.As(err, &named) && c.Principal.May(auth.Read, auth.Restore) == nil:
		f = f.With("Not Found: no active secret has this name; secrets in the trash do, and undelete brings them back")
		f.Metadata = map[string]string{"ids": named.IDs()}
		return f
	case f.Kind == fault.Unavailable && keyed[c.operation] && c.header("idempotency-key") == nil:
		return f.With("Service Unavailable: it may have been done all the same; with an Idempotency-Key trying again is safe")
	}
	return err
}

// keyed are the operations that a retry without a key does twice.
var keyed = map[string]bool{"create-secret": true, "create-secret-version": true}

// faultsOf returns err as the domain's errors: at least one.
func faultsOf(err error) fault.List {
	var faults fault.List
	var one *fault.Error
	switch {
	case errors.As(err, &faults) && len(faults) > 0:
		return faults
	case errors.As(err, &one):
		return fault.List{one}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.List{fault.NewUnavailable(err)}
	}
	return fault.List{fault.NewInternal(err)}
}
