package structure

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"keepsake/infra/template/resolve"
)

// The laptop does not use all of the template. These tests look at the rest on paper.

// written is the template on paper.
type written struct {
	Parameters map[string]resolve.Parameter
	Globals    map[string]any // of functions
	Resources  map[string]writtenResource
}

type writtenResource struct {
	resolve.Resource
	Properties map[string]any
}

// readWritten reads the template on paper, with these values in the place of parameters' defaults.
func readWritten(t *testing.T, values map[string]string) written {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := resolve.Parse(text, resolve.OnPaper, values)
	if err != nil {
		t.Fatal(err)
	}
	w := written{Parameters: plain.Parameters, Resources: map[string]writtenResource{}}
	if err := plain.Globals.Decode(&w.Globals); err != nil {
		t.Fatal(err)
	}
	for _, r := range plain.Resources {
		var properties map[string]any
		if err := r.Properties.Decode(&properties); err != nil {
			t.Fatalf("%s: %v", r.ID, err)
		}
		w.Resources[r.ID] = writtenResource{r, properties}
	}
	return w
}

// of lists the logical ids of a type's resources.
func (w written) of(t *testing.T, kind string) []string {
	t.Helper()
	var ids []string
	for id, r := range w.Resources {
		if r.Type == kind {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		t.Fatalf("the template has no %s", kind)
	}
	slices.Sort(ids)
	return ids
}

// at walks down maps by their keys. It returns nil if there is nothing.
func at(from any, path ...string) any {
	for _, key := range path {
		m, ok := from.(map[string]any)
		if !ok {
			return nil
		}
		from = m[key]
	}
	return from
}
