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
)

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

// parts are what needs a description: components and their fields, parameters, headers and
// responses.
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
