package boottest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"keepsake/shared/boot/boottest"
)

// served returns the constructor that a function's main serves, such as "UndeleteSecret"; empty if it
// serves no operation of the API.
func served(t *testing.T, main string) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), main, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var name string
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if f, ok := call.Fun.(*ast.SelectorExpr); ok {
				if from, ok := f.X.(*ast.Ident); ok && from.Name == "api" {
					name = f.Sel.Name
				}
			}
		}
		return true
	})
	return name
}

func TestTestsRunEachOperationThatAMainServes(t *testing.T) {
	functions := filepath.Join("..", "..", "..", "functions")
	entries, err := os.ReadDir(functions)
	if err != nil {
		t.Fatal(err)
	}
	operations := map[string]bool{}
	for _, entry := range entries {
		want := served(t, filepath.Join(functions, entry.Name(), "main.go"))
		if want == "" {
			continue // a job
		}
		operations[entry.Name()] = true
		constructor := reflect.ValueOf(boottest.Operations[entry.Name()])
		if !constructor.IsValid() {
			t.Errorf("Operations lacks %s", entry.Name())
			continue
		}
		got := runtime.FuncForPC(constructor.Pointer()).Name()
		if got[strings.LastIndex(got, ".")+1:] != want {
			t.Errorf("the main of %s serves %s, tests run %s", entry.Name(), want, got)
		}
	}
	for name := range boottest.Operations {
		if !operations[name] {
			t.Errorf("no main serves %s", name)
		}
	}
}
