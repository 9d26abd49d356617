package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi-validator/schema_validation"

	"keepsake/shared/api"
	"keepsake/shared/secret"
)

func readingDocument(t *testing.T) *document {
	t.Helper()
	d, err := readDocument()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// operationIDs are the contract's names of the operations.
var operationIDs = map[string]string{
	"create-secret":          "secrets.create",
	"list-secrets":           "secrets.list",
	"get-secret":             "secrets.get",
	"update-secret":          "secrets.update",
	"delete-secret":          "secrets.delete",
	"undelete-secret":        "secrets.undelete",
	"validate-token":         "secrets.validateToken",
	"create-secret-version":  "secrets.createVersion",
	"list-secret-versions":   "secrets.listVersions",
	"get-secret-version":     "secrets.getVersion",
	"enable-secret-version":  "secrets.enableVersion",
	"disable-secret-version": "secrets.disableVersion",
	"destroy-secret-version": "secrets.destroyVersion",
	"access-secret-version":  "secrets.accessVersion",
	"get-openapi":            "openapi.get",
}

func TestTheDocumentIsOpenAPI31(t *testing.T) {
	d := readingDocument(t)
	if !strings.HasPrefix(d.model.Version, "3.1.") {
		t.Errorf("it says that it is OpenAPI %s", d.model.Version)
	}
	if valid, found := d.judge.ValidateDocument(); !valid {
		t.Error(words(found))
	}
}

func TestTheDocumentIsServedToAnybody(t *testing.T) {
	s := start(t)
	s.cloud.ResetCalls()
	a := s.call("get-openapi", request{headers: with("authorization", "")}).want(200)
	if a.text != string(readingDocument(t).text) || a.headers["Content-Type"] != "application/json" {
		t.Errorf("%d bytes, headers %v", len(a.text), a.headers)
	}
	s.wantCalls()
}

func TestEveryRouteIsInTheDocumentAndEveryOperationOfTheDocumentHasARoute(t *testing.T) {
	described := map[string]string{} // operation id to method and path
	for path, item := range readingDocument(t).model.Paths.PathItems.FromOldest() {
		for method, operation := range item.GetOperations().FromOldest() {
			described[operation.OperationId] = strings.ToUpper(method) + " " + path
		}
	}
	for _, r := range api.Routes {
		id := operationIDs[r.Operation]
		if got, want := described[id], r.Method+" "+r.Path; got != want {
			t.Errorf("%s (%s) is described as %q, want %q", r.Operation, id, got, want)
		}
		delete(described, id)
	}
	for id, where := range described {
		t.Errorf("%s, %s, has no route", id, where)
	}
}

// general are the statuses that any operation which asks for a credential may answer with.
var general = []string{"400", "401", "403", "429", "500", "503"}

func TestEveryOperationSaysWhatItIsWhoMayAskAndHowItMayFail(t *testing.T) {
	for path, item := range readingDocument(t).model.Paths.PathItems.FromOldest() {
		for method, operation := range item.GetOperations().FromOldest() {
			name := method + " " + path
			if operation.Summary == "" || operation.Description == "" || len(operation.Tags) != 1 {
				t.Errorf("%s has no summary, no description or not one tag", name)
			}
			if operation.Security == nil {
				t.Errorf("%s does not say who may ask", name)
			}
			if len(operation.Security) == 0 {
				continue
			}
			for _, status := range general {
				if operation.Responses.Codes.GetOrZero(status) == nil {
					t.Errorf("%s does not say that it may answer %s", name, status)
				}
			}
			if strings.Contains(path, "{id}") && operation.Responses.Codes.GetOrZero("404") == nil {
				t.Errorf("%s does not say that it may answer 404", name)
			}
		}
	}
}

// walk calls visit for every object in node, with the way to it.
func walk(node any, way string, visit func(way string, object map[string]any)) {
	switch n := node.(type) {
	case map[string]any:
		visit(way, n)
		for _, name := range slices.Sorted(maps.Keys(n)) {
			walk(n[name], way+"/"+strings.ReplaceAll(name, "/", "~1"), visit)
		}
	case []any:
		for i, item := range n {
			walk(item, fmt.Sprintf("%s/%d", way, i), visit)
		}
	}
}

func (d *document) tree(t *testing.T) map[string]any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(d.text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryReferenceLeadsSomewhereAndEveryComponentIsReferredTo(t *testing.T) {
	all := readingDocument(t).tree(t)
	unused := map[string]bool{}
	for kind, components := range all["components"].(map[string]any) {
		for name := range components.(map[string]any) {
			unused["#/components/"+kind+"/"+name] = kind != "securitySchemes"
		}
	}
	unused["#/components/responses/MethodNotAllowed"] = false // for what has no place in paths
	walk(all, "#", func(way string, object map[string]any) {
		reference, ok := object["$ref"].(string)
		if !ok {
			return
		}
		if _, there := unused[reference]; !there {
			t.Errorf("%s refers to %s, which is not there", way, reference)
		}
		unused[reference] = false
	})
	for component, isUnused := range unused {
		if isUnused {
			t.Errorf("nothing refers to %s", component)
		}
	}
}

// parts are what a reader looks for words at: components and their fields, parameters, headers and
// answers.
var parts = regexp.MustCompile(`^#/components/\w+/\w+$|^#/components/schemas/\w+/properties/\w+$|/parameters/\d+$|/headers/[\w-]+$|/responses/\w+$`)

func TestEveryPartOfTheDocumentIsDescribed(t *testing.T) {
	seen := 0
	walk(readingDocument(t).tree(t), "#", func(way string, object map[string]any) {
		if !parts.MatchString(way) || object["$ref"] != nil || object["oneOf"] != nil && object["type"] == nil {
			return
		}
		seen++
		if text, _ := object["description"].(string); text == "" {
			t.Errorf("%s has no description", way)
		}
	})
	if seen < 100 {
		t.Errorf("only %d parts were found", seen)
	}
}

func TestTheExamplesAreWhatTheySayTheyAre(t *testing.T) {
	d := readingDocument(t)
	judge := schema_validation.NewSchemaValidator()
	seen := 0
	for name, schema := range d.tree(t)["components"].(map[string]any)["schemas"].(map[string]any) {
		examples, _ := schema.(map[string]any)["examples"].([]any)
		for _, example := range examples {
			seen++
			if valid, found := judge.ValidateSchemaObject(d.model.Components.Schemas.GetOrZero(name).Schema(), example); !valid {
				t.Errorf("%s: %s", name, words(found))
			}
		}
	}
	if seen == 0 {
		t.Error("there are no examples")
	}
}

func TestTheDocumentListsTheKindsThatThereAre(t *testing.T) {
	schemas := readingDocument(t).model.Components.Schemas
	var creatable, all []secret.Kind
	for _, kind := range schemas.GetOrZero("SecretCreate").Schema().Properties.GetOrZero("kind").Schema().Enum {
		creatable = append(creatable, secret.Kind(kind.Value))
	}
	for _, kind := range schemas.GetOrZero("Kind").Schema().Enum {
		all = append(all, secret.Kind(kind.Value))
	}
	if !slices.Equal(creatable, secret.Kinds) || !slices.Equal(all, append(slices.Clone(secret.Kinds), secret.CloudCredential)) {
		t.Errorf("for a new secret: %v; for any: %v", creatable, all)
	}
}
