package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	invalid "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi/orderedmap"

	"keepsake/shared/api"
)

// holdToTheDocument compares every request that a test makes, and every response it gets, with the
// document. Pages are no part of it.
func (s *service) holdToTheDocument() {
	s.t.Helper()
	d, err := readDocument()
	if err != nil {
		s.t.Fatal(err)
	}
	for operation, handle := range s.operations {
		if slices.ContainsFunc(api.Pages, func(page api.Route) bool { return page.Operation == operation }) {
			continue
		}
		s.operations[operation] = d.watch(s.t, operation, handle)
	}
}

// watch reports how an operation's requests and responses differ from the document.
func (d *document) watch(t testing.TB, operation string, handle api.Handler) api.Handler {
	return func(ctx context.Context, event api.Event) (api.Result, error) {
		response, err := handle(ctx, event)
		if err == nil {
			for _, fault := range d.faults(operation, event, response) {
				t.Errorf("%s and openapi.json: %s", operation, fault)
			}
		}
		return response, err
	}
}

// faults lists how a request and its response differ from the document.
func (d *document) faults(operation string, event api.Event, response api.Result) []string {
	p, ok := d.endpoints[operation]
	if !ok || p.operation == nil {
		return []string{"it is not in the document"}
	}
	request, readable := p.request(event)
	out := slices.Concat(d.responseFaults(p, request, response), p.headerFaults(response), p.scopeFaults(response))
	if !readable || operation == "reject-unknown-route" {
		return out
	}
	valid, found := d.judge.ValidateHttpRequestSyncWithPathItem(request, p.item, p.path)
	switch {
	case !valid && response.StatusCode < 400:
		out = append(out, fmt.Sprintf("a request that is not valid got %d: %s", response.StatusCode, words(found)))
	case valid && response.StatusCode == http.StatusBadRequest:
		for _, path := range beyondSchemas(event, response) {
			out = append(out, "a valid request got 400 for "+path)
		}
	}
	return out
}

// responseFaults are those that the validator finds: of the status, the body, the headers that must
// be there.
func (d *document) responseFaults(p endpoint, request *http.Request, response api.Result) []string {
	judge := d.judge.GetResponseBodyValidator()
	if valid, found := judge.ValidateResponseBodyWithPathItem(request, httpResponse(response), p.item, p.path); !valid {
		return []string{fmt.Sprintf("the response, %d: %s", response.StatusCode, words(found))}
	}
	return nil
}

// headerFaults are headers, or a body, that a response has and the document does not describe.
func (p endpoint) headerFaults(response api.Result) []string {
	described := p.operation.Responses.Codes.GetOrZero(fmt.Sprint(response.StatusCode))
	if described == nil {
		return nil // the validator says so
	}
	var out []string
	if orderedmap.Len(described.Content) == 0 && response.Body != "" {
		out = append(out, fmt.Sprintf("the response, %d, has a body", response.StatusCode))
	}
	for name := range response.Headers {
		known := described.Headers != nil && described.Headers.GetOrZero(name) != nil
		if !known && name != "Content-Type" {
			out = append(out, fmt.Sprintf("the response, %d, has the header %s", response.StatusCode, name))
		}
	}
	return out
}

// scopeFaults are refusals that name a scope which the document does not require.
func (p endpoint) scopeFaults(response api.Result) []string {
	var refusal struct {
		Errors []struct{ Metadata map[string]string }
	}
	if response.StatusCode != http.StatusForbidden || json.Unmarshal([]byte(response.Body), &refusal) != nil {
		return nil
	}
	var out []string
	for _, e := range refusal.Errors {
		if scope := e.Metadata["scope"]; scope != "" && scope != p.scope() {
			out = append(out, "it asks for the scope "+scope)
		}
	}
	return out
}

func words(found []*invalid.ValidationError) string {
	var out []string
	for _, f := range found {
		out = append(out, f.Message+": "+f.Reason)
		for _, detail := range f.SchemaValidationErrors {
			out = append(out, detail.FieldPath+" "+detail.Reason)
		}
	}
	all := strings.Join(out, "; ")
	return all[:min(len(all), 1000)]
}
