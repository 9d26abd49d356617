package api_test

import (
	"slices"
	"strings"
	"testing"

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

func TestTheDocumentIsOpenAPI31(t *testing.T) {
	d := readingDocument(t)
	if !strings.HasPrefix(d.model.Version, "3.1.") {
		t.Errorf("it says that it is OpenAPI %s", d.model.Version)
	}
	if valid, found := d.judge.ValidateDocument(); !valid {
		t.Error(words(found))
	}
}

func TestEveryRouteIsInTheDocumentAndEveryOperationOfTheDocumentHasARoute(t *testing.T) {
	described := map[string]string{} // operation id to method and path
	for path, item := range readingDocument(t).model.Paths.PathItems.FromOldest() {
		for method, operation := range item.GetOperations().FromOldest() {
			described[operation.OperationId] = strings.ToUpper(method) + " " + path
		}
	}
	for _, r := range api.Routes {
		id := r.ID
		if got, want := described[id], r.Method+" "+r.Path; got != want {
			t.Errorf("%s (%s) is described as %q, want %q", r.Operation, id, got, want)
		}
		delete(described, id)
	}
	for id, where := range described {
		t.Errorf("%s, %s, has no route", id, where)
	}
}

// contract has the operations of the public contract. It is closed.
var contract = []string{
	"secrets.create", "secrets.list", "secrets.get", "secrets.update", "secrets.delete", "secrets.undelete", "secrets.validateToken",
	"secrets.createVersion", "secrets.listVersions", "secrets.getVersion", "secrets.enableVersion", "secrets.disableVersion",
	"secrets.destroyVersion", "secrets.accessVersion",
}

func TestWhatGoesBeyondTheContractIsMarkedAsKeepsakesOwn(t *testing.T) {
	seen := 0
	for _, item := range readingDocument(t).model.Paths.PathItems.FromOldest() {
		for _, operation := range item.GetOperations().FromOldest() {
			ours := !slices.Contains(contract, operation.OperationId)
			mark := operation.Extensions.GetOrZero("x-keepsake")
			marked := mark != nil && mark.Value == "true" && strings.HasPrefix(operation.Description, "Keepsake's own. ")
			if unmarked := mark == nil && !strings.Contains(operation.Description, "Keepsake's own"); marked != ours || unmarked == ours {
				t.Errorf("%s: is it Keepsake's own: %v", operation.OperationId, ours)
			}
			if !ours {
				seen++
			}
		}
	}
	if seen != len(contract) {
		t.Errorf("%d of the contract's %d operations are in the document", seen, len(contract))
	}
}

// general are the statuses that every operation which needs a credential may return.
var general = []string{"400", "401", "403", "429", "500", "503"}

func TestEveryOperationSaysWhatItIsWhoMayAskAndHowItMayFail(t *testing.T) {
	for path, item := range readingDocument(t).model.Paths.PathItems.FromOldest() {
		for method, operation := range item.GetOperations().FromOldest() {
			name := method + " " + path
			if operation.Summary == "" || operation.Description == "" || len(operation.Tags) != 1 {
				t.Errorf("%s has no summary, no description or not one tag", name)
			}
			if operation.Security == nil {
				t.Errorf("%s does not say which scope it needs", name)
			}
			if len(operation.Security) == 0 {
				continue
			}
			for _, status := range general {
				if operation.Responses.Codes.GetOrZero(status) == nil {
					t.Errorf("%s does not say that it may return %s", name, status)
				}
			}
			if strings.Contains(path, "{id}") && operation.Responses.Codes.GetOrZero("404") == nil {
				t.Errorf("%s does not say that it may return 404", name)
			}
		}
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

func TestAParameterThatGoesBeyondTheContractIsMarkedAsKeepsakesOwn(t *testing.T) {
	own := []string{"label", "name", "name_prefix"}
	var marked []string
	for _, item := range readingDocument(t).model.Paths.PathItems.FromOldest() {
		for _, operation := range item.GetOperations().FromOldest() {
			for _, p := range operation.Parameters {
				mark := p.Extensions.GetOrZero("x-keepsake")
				said := strings.HasPrefix(p.Description, "Keepsake's own. ")
				if is := mark != nil && mark.Value == "true"; is != said {
					t.Errorf("%s, %s: is it Keepsake's own: %v", operation.OperationId, p.Name, is)
				}
				if said {
					marked = append(marked, p.Name)
				}
			}
		}
	}
	if slices.Sort(marked); !slices.Equal(marked, own) {
		t.Errorf("marked are %v, want %v", marked, own)
	}
}
