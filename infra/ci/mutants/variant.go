package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// switchName is the variable that says, while the tests run, which fault is planted.
const switchName = "PLANTED_FAULT"

// source is a file of the product and what is to be put into it: variants of its functions and values,
// each of which stands in for the original while its fault is planted.
type source struct {
	path    string
	content string
	file    *ast.File
	fset    *token.FileSet
	inserts map[int]string // by offset
	deletes map[int]int    // by offset: how many bytes
	tail    strings.Builder
	values  map[*ast.ValueSpec]map[int]string
}

func readSource(path, content string) (*source, error) {
	s := &source{path: path, content: content, fset: token.NewFileSet(), inserts: map[int]string{}, deletes: map[int]int{}, values: map[*ast.ValueSpec]map[int]string{}}
	var err error
	s.file, err = parser.ParseFile(s.fset, path, content, parser.SkipObjectResolution)
	return s, err
}

func (s *source) offset(p token.Pos) int { return s.fset.Position(p).Offset }

func (s *source) text(n ast.Node) string { return s.content[s.offset(n.Pos()):s.offset(n.End())] }

// add makes a variant of what differs in the changed file; false if the fault is of a kind that has to
// be compiled by itself: a type, or a function with a parameter that has no name.
func (s *source) add(number int, changed string) bool {
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
			return same && (decl.Tok == token.CONST || decl.Tok == token.VAR) && s.addValue(number, decl, c, other)
		}
	}
	return false
}

// addFunction has the function begin by handing over to its variant.
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

// call is a call of the function's variant with the function's own arguments.
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

// namesOf are the names of parameters; false if one has none.
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

// addValue has the value of a constant, which becomes a variable, or of a variable depend on the fault.
func (s *source) addValue(number int, d *ast.GenDecl, c *source, variant *ast.GenDecl) bool {
	if len(d.Specs) != len(variant.Specs) {
		return false
	}
	for i, spec := range d.Specs {
		spec, other := spec.(*ast.ValueSpec), variant.Specs[i].(*ast.ValueSpec)
		if len(spec.Values) != 1 || len(other.Values) != 1 || spec.Type != nil {
			return false
		}
		if from, to := s.text(spec.Values[0]), c.text(other.Values[0]); from != to {
			if s.values[spec] == nil {
				s.values[spec] = map[int]string{}
			}
			s.values[spec][number] = to
			if d.Tok == token.CONST {
				s.inserts[s.offset(d.TokPos)], s.deletes[s.offset(d.TokPos)] = "var", len("const")
			}
		}
	}
	return true
}

// woven is the file with all variants in it.
func (s *source) woven() string {
	for spec, variants := range s.values {
		value := spec.Values[0]
		text := s.text(value)
		for number, variant := range variants {
			text = fmt.Sprintf("plantedValue(%s, %d, %s)", text, number, variant)
		}
		s.inserts[s.offset(value.Pos())] = text
		s.deletes[s.offset(value.Pos())] = len(s.text(value))
	}
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

// switchFile is put beside the files of a package that has variants.
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
