package api_test

import (
	"slices"
	"strings"
	"testing"
)

func TestABodyThatIsNoObjectNamesTheBody(t *testing.T) {
	s := start(t)
	bodies := map[string]string{
		"nothing":            "",
		"the client's null":  "null",
		"a list":             "[]",
		"a string":           `"x"`,
		"cut short":          `{"name":`,
		"two objects":        createBody + createBody,
		"a name twice":       `{"name":"a","name":"b","kind":"generic","value":"x"}`,
		"a label twice":      `{"name":"a","kind":"generic","value":"x","labels":{"a":"1","a":"2"}}`,
		"broken UTF-8":       "{\"name\":\"\xff\"}",
		"half a surrogate":   `{"name":"a","kind":"generic","value":"\ud800"}`,
		"a NUL byte":         "{\"name\":\"a\x00\"}",
		"too deep":           strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"more than is taken": `{"name":"` + strings.Repeat("x", 1<<20) + `"}`,
	}
	for name, text := range bodies {
		t.Run(name, func(t *testing.T) {
			a := s.call("create-secret", request{body: body(text)})
			a.fault(400, 7001)
			if got := a.paths(); !slices.Equal(got, []string{"body"}) {
				t.Errorf("paths %v", got)
			}
		})
	}
	if n := len(s.rowsOf("SecretsTable", "")); n != 0 {
		t.Errorf("%d rows were written", n)
	}
}

func TestOperationsWithoutABodyTakeNoneNullOrAnEmptyObject(t *testing.T) {
	s := start(t)
	for _, text := range []string{"", "null", " null ", "{}"} {
		s.call("undelete-secret", request{id: s.deleted(), headers: with("if-match", "2"), body: &text}).want(200)
	}
	for text, path := range map[string]string{`{"etag":"2"}`: "body.etag", "[": "body", "7": "body"} {
		a := s.call("undelete-secret", request{id: s.deleted(), headers: with("if-match", "2"), body: &text})
		a.fault(400, 7001)
		if got := a.paths(); got[0] != path {
			t.Errorf("%s: paths %v", text, got)
		}
	}
}
