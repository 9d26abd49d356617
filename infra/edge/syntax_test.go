package edge_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"

	"keepsake/infra/edge"
)

// maxSource is CloudFront's limit for a function's code, in bytes.
const maxSource = 10 << 10

func TestTheEdgeFunctionFitsIntoTheEdge(t *testing.T) {
	if n := len(edge.Source); n > maxSource {
		t.Errorf("rewrite.js has %d bytes, at most %d may be", n, maxSource)
	}
}

// syntax is what the runtime documents, as far as the function needs it: ECMAScript 5.1, const and
// let, and no more. What is missing here may be added if the page that documented names has it.
var syntax = strings.Fields(`
	Program FunctionDeclaration FunctionLiteral ParameterList BlockStatement ReturnStatement EmptyStatement
	VariableStatement VariableDeclaration LexicalDeclaration Binding ExpressionStatement IfStatement
	AssignExpression BinaryExpression UnaryExpression ConditionalExpression CallExpression
	DotExpression BracketExpression Identifier
	ObjectLiteral PropertyKeyed ArrayLiteral StringLiteral NumberLiteral BooleanLiteral NullLiteral RegExpLiteral`)

func TestTheEdgeFunctionIsWrittenInTheEdgesJavaScript(t *testing.T) {
	program, err := parser.ParseFile(nil, "rewrite.js", edge.Source, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name := range nodes(reflect.ValueOf(program), map[string]bool{}) {
		if !strings.Contains(" "+strings.Join(syntax, " ")+" ", " "+name+" ") {
			t.Errorf("rewrite.js has a %s", name)
		}
	}
}

func TestNewerJavaScriptIsTold(t *testing.T) {
	for code, want := range map[string]string{
		`class A {}`: "ClassDeclaration", `a?.b`: "OptionalChain", `f(...x)`: "SpreadElement",
		`for (var a of b) {}`: "ForOfStatement", `var {a} = b`: "ObjectPattern", `with (a) {}`: "WithStatement",
	} {
		program, err := parser.ParseFile(nil, "", code, 0)
		if err != nil {
			t.Fatal(err)
		}
		if found := nodes(reflect.ValueOf(program), map[string]bool{}); !found[want] {
			t.Errorf("%s: found %v, not %s", code, found, want)
		}
	}
}

var nodeType = reflect.TypeFor[ast.Node]()

// nodes collects the names of the kinds of nodes in a tree.
func nodes(v reflect.Value, found map[string]bool) map[string]bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() || v.Type().String() == "*file.File" {
			return found
		}
		if v.Kind() == reflect.Pointer && v.Type().Implements(nodeType) {
			found[v.Elem().Type().Name()] = true
		}
		nodes(v.Elem(), found)
	case reflect.Slice:
		for i := range v.Len() {
			nodes(v.Index(i), found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "DeclarationList" {
				nodes(v.Field(i), found)
			}
		}
	}
	return found
}
