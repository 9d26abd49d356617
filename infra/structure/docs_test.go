package structure

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryExportedNameHasADocComment(t *testing.T) {
	for _, folder := range []string{"shared", "infra"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			if ast.IsGenerated(file) {
				return nil
			}
			for _, name := range undocumented(file) {
				t.Errorf("%s: %s has no doc comment", path, name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// wellKnown are methods that need no comment: they implement interfaces of the standard library.
var wellKnown = map[string]bool{"Error": true, "Unwrap": true, "Write": true, "String": true}

// undocumented lists a file's exported names without a doc comment. One on a group of constants or variables
// counts for the whole group.
func undocumented(file *ast.File) []string {
	var out []string
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && !wellKnown[d.Name.Name] {
				out = append(out, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				out = append(out, bare(spec, d.Doc != nil)...)
			}
		}
	}
	return out
}

func bare(spec ast.Spec, grouped bool) []string {
	var out []string
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && s.Doc == nil && !grouped {
			out = append(out, s.Name.Name)
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() && s.Doc == nil && s.Comment == nil && !grouped {
				out = append(out, name.Name)
			}
		}
	}
	return out
}
