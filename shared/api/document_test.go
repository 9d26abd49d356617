package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	invalid "github.com/pb33f/libopenapi-validator/errors"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"

	"keepsake/shared/api"
)

// document is the API's own description, ready to judge requests and answers by.
type document struct {
	text   []byte
	model  *v3.Document
	judge  validator.Validator
	places map[string]place // by operation
}

// place is where the document describes an operation.
type place struct {
	method, path string
	item         *v3.PathItem
	operation    *v3.Operation
}

// readDocument reads the document as get-openapi serves it. Once: that takes a while.
var readDocument = sync.OnceValues(func() (*document, error) {
	served, err := api.GetOpenapi(api.Edge{Now: time.Now, Log: slogTo(io.Discard)})(context.Background(), api.Request{})
	if err != nil {
		return nil, err
	}
	parsed, err := libopenapi.NewDocument(closed([]byte(served.Body)))
	if err != nil {
		return nil, err
	}
	model, err := parsed.BuildV3Model()
	if err != nil {
		return nil, err
	}
	judge, errs := validator.NewValidator(parsed)
	d := &document{text: []byte(served.Body), model: &model.Model, judge: judge, places: map[string]place{}}
	for _, r := range api.Routes {
		if item := d.model.Paths.PathItems.GetOrZero(r.Path); item != nil {
			operation := item.GetOperations().GetOrZero(strings.ToLower(r.Method))
			d.places[r.Operation] = place{r.Method, r.Path, item, operation}
		}
	}
	d.places["reject-unknown-route"] = d.nowhere()
	return d, errors.Join(errs...)
})

// closed is the document with its objects closed. It leaves them open, so that clients are ready
// for fields to come; an answer of today has none but those that it lists.
func closed(text []byte) []byte {
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return text // which the parser then says
	}
	for _, schema := range all["components"].(map[string]any)["schemas"].(map[string]any) {
		schema := schema.(map[string]any)
		if schema["properties"] != nil {
			schema["additionalProperties"] = false
		}
	}
	out, err := json.Marshal(all)
	if err != nil {
		panic(err) // what came from JSON goes back
	}
	return out
}

// nowhere is the place of what the document does not list: its info says which of its responses
// answer that.
func (d *document) nowhere() place {
	codes := orderedmap.New[string, *v3.Response]()
	for code, name := range map[string]string{"404": "NotFound", "405": "MethodNotAllowed", "500": "Internal"} {
		codes.Set(code, d.model.Components.Responses.GetOrZero(name))
	}
	operation := &v3.Operation{Responses: &v3.Responses{Codes: codes}}
	return place{http.MethodGet, "/", &v3.PathItem{Get: operation}, operation}
}

// faults lists in what a request and its answer are not as the document says.
func (d *document) faults(operation string, event api.Request, response api.Response) []string {
	p, ok := d.places[operation]
	if !ok || p.operation == nil {
		return []string{"it is not in the document"}
	}
	request, err := p.request(event)
	if err != nil { // the gateway's own encoding is broken: this never was an HTTP request
		return nil
	}
	out := d.answerFaults(p, request, response)
	if operation == "reject-unknown-route" {
		return out
	}
	valid, found := d.judge.ValidateHttpRequestSyncWithPathItem(request, p.item, p.path)
	switch {
	case !valid && response.StatusCode < 400:
		out = append(out, fmt.Sprintf("a request that is not valid was answered %d: %s", response.StatusCode, words(found)))
	case valid && response.StatusCode == http.StatusBadRequest:
		for _, path := range beyondSchemas(event, response) {
			out = append(out, "a valid request was answered 400 for "+path)
		}
	}
	return out
}

func (d *document) answerFaults(p place, request *http.Request, response api.Response) []string {
	var out []string
	a := httpResponse(response)
	if valid, found := d.judge.GetResponseBodyValidator().ValidateResponseBodyWithPathItem(request, a, p.item, p.path); !valid {
		out = append(out, fmt.Sprintf("the answer, %d: %s", response.StatusCode, words(found)))
	}
	if described := p.operation.Responses.Codes.GetOrZero(fmt.Sprint(response.StatusCode)); described != nil {
		if orderedmap.Len(described.Content) == 0 && response.Body != "" {
			out = append(out, fmt.Sprintf("the answer, %d, has a body", response.StatusCode))
		}
		for name := range response.Headers {
			if _, ok := described.Headers.Get(name); !ok && name != "Content-Type" {
				out = append(out, fmt.Sprintf("the answer, %d, has the header %s", response.StatusCode, name))
			}
		}
	}
	var refusal struct {
		Errors []struct{ Metadata map[string]string }
	}
	if response.StatusCode == http.StatusForbidden && json.Unmarshal([]byte(response.Body), &refusal) == nil {
		if scope := refusal.Errors[0].Metadata["scope"]; scope != "" && scope != p.scope() {
			out = append(out, "it asks for the scope "+scope)
		}
	}
	return out
}

// scope is the one that the operation asks for; empty if it asks for no credential.
func (p place) scope() string {
	for _, requirement := range p.operation.Security {
		for _, scopes := range requirement.Requirements.FromOldest() {
			return strings.Join(scopes, " ")
		}
	}
	return ""
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

// holdToTheDocument has every request that a test makes, and every answer it gets, judged by the
// document.
func (s *service) holdToTheDocument() {
	s.t.Helper()
	d, err := readDocument()
	if err != nil {
		s.t.Fatal(err)
	}
	for operation, handle := range s.operations {
		s.operations[operation] = d.watch(s.t, operation, handle)
	}
}
