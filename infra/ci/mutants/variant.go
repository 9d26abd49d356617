package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// switchName is the environment variable that names the planted fault while the tests run.
const switchName = "PLANTED_FAULT"

// source is a file of the product, with the variants of its functions and values to put into it. A
// variant replaces the original while its fault is planted.
type source struct {
	path    string
	content string
	file    *ast.File
	fset    *token.FileSet
	inserts map[int]string // by offset
	deletes map[int]int    // by offset: how many bytes
	tail    strings.Builder
	values  map[*ast.ValueSpec]string // their expressions so far
}

func readSource(path, content string) (*source, error) {
	s := &source{path: path, content: content, fset: token.NewFileSet(), inserts: map[int]string{}, deletes: map[int]int{}, values: map[*ast.ValueSpec]string{}}
	var err error
	s.file, err = parser.ParseFile(s.fset, path, content, parser.SkipObjectResolution)
	return s, err
}

func (s *source) offset(p token.Pos) int { return s.fset.Position(p).Offset }

func (s *source) text(n ast.Node) string { return s.content[s.offset(n.Pos()):s.offset(n.End())] }

// add makes a variant of the declaration that differs in the changed file. It returns false if the fault
// must be compiled alone: a change to a type, to a function with an unnamed parameter, or, unless values
// is true, to a value.
func (s *source) add(number int, changed string, values bool) bool {
	c, err := readSource(s.path, changed)
	if err != nil || len(c.file.Decls) != len(s.file.Decls) {
		return false
	}
	for i, decl := range s.file.Decls {
		if s.text(decl) == c.text(c.file.Decls[i]) {
			continue
		}
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			other, same := c.file.Decls[i].(*ast.FuncDecl)
			return same && s.addFunction(number, decl, c, other)
		case *ast.GenDecl:
			other, same := c.file.Decls[i].(*ast.GenDecl)
			return values && same && (decl.Tok == token.CONST || decl.Tok == token.VAR) && s.addValue(number, decl, c, other)
		}
	}
	return false
}

// addFunction makes the function begin with a call of its variant, if that fault is planted.
func (s *source) addFunction(number int, f *ast.FuncDecl, c *source, variant *ast.FuncDecl) bool {
	call, ok := s.call(f, number)
	if !ok || s.content[s.offset(f.Pos()):s.offset(f.Body.Pos())] != c.content[c.offset(variant.Pos()):c.offset(variant.Body.Pos())] {
		return false
	}
	if f.Type.Results != nil {
		call = "return " + call
	} else {
		call += "; return"
	}
	s.inserts[s.offset(f.Body.Lbrace)+1] += fmt.Sprintf(" if plantedFault == %d { %s }; ", number, call)
	text, name := c.text(variant), c.offset(variant.Name.End())-c.offset(variant.Pos())
	if variant.Doc != nil {
		text, name = c.content[c.offset(variant.Type.Func):c.offset(variant.End())], c.offset(variant.Name.End())-c.offset(variant.Type.Func)
	}
	fmt.Fprintf(&s.tail, "\n%s__%d%s\n", text[:name], number, text[name:])
	return true
}

// call returns a call of the function's variant with the function's own arguments.
func (s *source) call(f *ast.FuncDecl, number int) (string, bool) {
	name := fmt.Sprintf("%s__%d", f.Name.Name, number)
	if f.Recv != nil {
		if len(f.Recv.List[0].Names) == 0 {
			return "", false
		}
		name = f.Recv.List[0].Names[0].Name + "." + name
	}
	types, ok := namesOf(f.Type.TypeParams)
	args, named := namesOf(f.Type.Params)
	if len(types) > 0 {
		name += "[" + strings.Join(types, ", ") + "]"
	}
	return name + "(" + strings.Join(args, ", ") + ")", ok && named
}

// namesOf returns the names of parameters, or false if one has no name.
func namesOf(list *ast.FieldList) (names []string, ok bool) {
	if list == nil {
		return nil, true
	}
	for _, field := range list.List {
		if len(field.Names) == 0 {
			return nil, false
		}
		for _, name := range field.Names {
			spread := ""
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				spread = "..."
			}
			if name.Name == "_" {
				return nil, false
			}
			names = append(names, name.Name+spread)
		}
	}
	return names, true
}

// addValue makes the value of a variable depend on the fault, or that of a constant, which becomes a
// variable.
func (s *source) addValue(number int, d *ast.GenDecl, c *source, variant *ast.GenDecl) bool {
	if len(d.Specs) != len(variant.Specs) {
		return false
	}
	for i, spec := range d.Specs {
		spec, other := spec.(*ast.ValueSpec), variant.Specs[i].(*ast.ValueSpec)
		if s.text(spec) == c.text(other) {
			continue
		}
		if len(spec.Values) != 1 || len(other.Values) != 1 || spec.Type != nil {
			return false
		}
		text := s.values[spec]
		if text == "" {
			text = s.text(spec.Values[0])
		}
		s.values[spec] = fmt.Sprintf("plantedValue(%s, %d, %s)", text, number, c.text(other.Values[0]))
	}
	return true
}

// moveValues takes the values that depend on a fault out of their blocks, and also the constants that
// are computed from them: a constant cannot be computed from a variable.
func (s *source) moveValues() {
	moved := map[string]bool{}
	for again := true; again; {
		again = false
		for _, decl := range s.file.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.CONST && d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				spec := spec.(*ast.ValueSpec)
				name := spec.Names[0].Name
				if moved[name] || s.values[spec] == "" && (d.Tok != token.CONST || !refersTo(spec, moved)) {
					continue
				}
				moved[name], again = true, true
				s.move(d, spec)
			}
		}
	}
}

// move puts a value at the end of the file, as a variable.
func (s *source) move(d *ast.GenDecl, spec *ast.ValueSpec) {
	value := s.values[spec]
	if value == "" {
		value = s.text(spec.Values[0])
	}
	fmt.Fprintf(&s.tail, "\nvar %s = %s\n", spec.Names[0].Name, value)
	from := s.offset(spec.Pos())
	if !d.Lparen.IsValid() {
		from = s.offset(d.TokPos)
	}
	s.deletes[from] = s.offset(spec.End()) - from
}

// refersTo reports whether a constant is computed from one of these names.
func refersTo(spec *ast.ValueSpec, names map[string]bool) (found bool) {
	for _, value := range spec.Values {
		ast.Inspect(value, func(n ast.Node) bool {
			if name, ok := n.(*ast.Ident); ok && names[name.Name] {
				found = true
			}
			return true
		})
	}
	return found
}

// woven returns the file with all variants in it.
func (s *source) woven() string {
	s.moveValues()
	var out strings.Builder
	for at := 0; at <= len(s.content); at++ {
		out.WriteString(s.inserts[at])
		if n := s.deletes[at]; n > 0 {
			at += n - 1
			continue
		}
		if at < len(s.content) {
			out.WriteByte(s.content[at])
		}
	}
	return out.String() + s.tail.String()
}

// switchFile returns a file for each package that has variants. It reads which fault is planted.
func switchFile(name string) string {
	return `package ` + name + `

import (
	"os"
	"strconv"
)

var plantedFault, _ = strconv.Atoi(os.Getenv("` + switchName + `"))

// plantedValue is value, or variant while that fault is planted.
func plantedValue[T any](value T, fault int, variant T) T {
	if plantedFault == fault {
		return variant
	}
	return value
}
`
}
