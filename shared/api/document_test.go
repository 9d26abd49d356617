package api_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"

	"keepsake/shared/api"
)

// narrower adds what the service keeps to beyond its document: what each error response holds besides the form
// that all have in common, and that six operations take no fields. The document leaves it out, since generators
// of clients fail on it, or make a type of each combination.
//
//go:embed testdata/narrower.overlay.json
var narrower []byte

// document is the API's own description, ready to check requests and responses against.
type document struct {
	text      []byte
	model     *v3.Document
	judge     validator.Validator
	endpoints map[string]endpoint // by operation
}

// endpoint is one operation as the document describes it.
type endpoint struct {
	method, path string
	item         *v3.PathItem
	operation    *v3.Operation
}

// readDocument reads the document as get-openapi serves it. Once: that takes a while.
var readDocument = sync.OnceValues(func() (*document, error) {
	edge := api.Edge{Now: time.Now, Log: slogTo(io.Discard), OriginKey: "k"}
	served, err := api.GetOpenapi(edge)(context.Background(), api.Event{Headers: with("x-origin-key", "k")})
	if err != nil {
		return nil, err
	}
	narrowed, err := libopenapi.ApplyOverlayFromBytesToSpecBytes(closed([]byte(served.Body)), narrower)
	if err != nil {
		return nil, err
	}
	if len(narrowed.Warnings) > 0 {
		return nil, fmt.Errorf("the overlay: %v", narrowed.Warnings)
	}
	parsed := narrowed.OverlayDocument
	model, err := parsed.BuildV3Model()
	if err != nil {
		return nil, err
	}
	judge, errs := validator.NewValidator(parsed)
	d := &document{text: []byte(served.Body), model: &model.Model, judge: judge, endpoints: map[string]endpoint{}}
	for _, r := range api.Routes {
		if item := d.model.Paths.PathItems.GetOrZero(r.Path); item != nil {
			operation := item.GetOperations().GetOrZero(strings.ToLower(r.Method))
			d.endpoints[r.Operation] = endpoint{r.Method, r.Path, item, operation}
		}
	}
	d.endpoints["reject-unknown-route"] = d.unlisted()
	return d, errors.Join(errs...)
})

// closed returns the document with its objects closed. The document leaves them open, so that clients
// are ready for new fields; today's responses have only the fields that it lists.
func closed(text []byte) []byte {
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return text // which the parser then says
	}
	schemas := all["components"].(map[string]any)["schemas"].(map[string]any)
	for name, schema := range schemas {
		schemas[name] = uncomposed(schemas, schema.(map[string]any))
	}
	for _, schema := range schemas {
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

// uncomposed returns a schema with all that it composes of others, if it does, in one object: it can be closed.
func uncomposed(schemas, schema map[string]any) map[string]any {
	parts, _ := schema["allOf"].([]any)
	if len(parts) == 0 || parts[0].(map[string]any)["$ref"] == nil {
		return schema
	}
	properties, required, whole := map[string]any{}, []any{}, map[string]any{"type": "object", "description": schema["description"]}
	for _, part := range parts {
		part := part.(map[string]any)
		if reference, ok := part["$ref"].(string); ok {
			part = schemas[reference[strings.LastIndex(reference, "/")+1:]].(map[string]any)
		}
		maps.Copy(properties, part["properties"].(map[string]any))
		required = append(required, part["required"].([]any)...)
		for _, rule := range []string{"if", "then", "else"} {
			if part[rule] != nil {
				whole[rule] = part[rule]
			}
		}
	}
	whole["properties"], whole["required"] = properties, required
	return whole
}

// unlisted is the endpoint of a path that the document does not list. The document's info says which
// responses it has.
func (d *document) unlisted() endpoint {
	codes := orderedmap.New[string, *v3.Response]()
	for code, name := range map[string]string{"403": "Forbidden", "404": "NotFound", "405": "MethodNotAllowed", "500": "Internal"} {
		codes.Set(code, d.model.Components.Responses.GetOrZero(name))
	}
	operation := &v3.Operation{Responses: &v3.Responses{Codes: codes}}
	return endpoint{http.MethodGet, "/", &v3.PathItem{Get: operation}, operation}
}

// scope returns the scope that the operation needs; empty if it needs no credential.
func (p endpoint) scope() string {
	for _, requirement := range p.operation.Security {
		for _, scopes := range requirement.Requirements.FromOldest() {
			return strings.Join(scopes, " ")
		}
	}
	return ""
}
