package api_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestEachFaultOfAnAliasNamesIt(t *testing.T) {
	s := start(t)
	id := s.create()
	many := make([]string, 51)
	for i := range many {
		many[i] = fmt.Sprintf(`"a%d":1`, i)
	}
	for text, paths := range map[string]string{
		`{"version_aliases":[]}`:                                "body.version_aliases",
		`{"version_aliases":{"latest":1}}`:                      "body.version_aliases.latest",
		`{"version_aliases":{"secv_1":1}}`:                      "body.version_aliases.secv_1",
		`{"version_aliases":{"a/b":1}}`:                         "body.version_aliases.a/b",
		`{"version_aliases":{"":1}}`:                            "body.version_aliases.",
		`{"version_aliases":{"a":0}}`:                           "body.version_aliases.a",
		`{"version_aliases":{"a":"1"}}`:                         "body.version_aliases.a",
		`{"version_aliases":{"a":1.5}}`:                         "body.version_aliases.a",
		`{"version_aliases":{"a":2,"b":1,"c":3}}`:               "body.version_aliases.a body.version_aliases.c",
		`{"version_aliases":{` + strings.Join(many, ",") + `}}`: "body.version_aliases",
	} {
		a := s.update(id, "1", text)
		a.fault(400, 7001)
		if got := strings.Join(a.paths(), " "); got != paths {
			t.Errorf("%.60s: paths %s, want %s", text, got, paths)
		}
	}
	if got := s.call("get-secret", request{id: id}).str("etag"); got != "1" {
		t.Error("a refused update changed the secret")
	}
}
