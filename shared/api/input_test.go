package api_test

import (
	"fmt"
	"strings"
	"testing"
)

// many is n times pair, each with its number.
func many(n int, pair string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(pair, i)
	}
	return strings.Join(parts, ",")
}

func TestTenFaultsAreListedAndTheRestIsCounted(t *testing.T) {
	s := start(t)
	id := s.create()
	for name, c := range map[string]struct {
		operation, body string
		found           int
	}{
		"unknown fields": {"create-secret", `{"name":"n","kind":"generic","value":"v",` + many(68_000, `"u%d":1`) + "}", 68_000},
		"null labels":    {"create-secret", `{"name":"n","kind":"generic","value":"v","labels":{` + many(68_000, `"u%d":null`) + "}}", 68_001},
		"bad aliases":    {"update-secret", `{"version_aliases":{` + many(68_000, `"é%d":1`) + "}}", 68_001},
		"long names":     {"create-secret", `{"name":"n","kind":"generic","value":"v",` + many(11, `"%d`+strings.Repeat("<", 90_000)+`":1`) + "}", 11},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.call(c.operation, request{id: id, body: &c.body})
			a.fault(400, 7001)
			paths := a.paths()
			if len(paths) != 11 || paths[10] != "body" || len(a.text) > 64<<10 {
				t.Fatalf("%d faults in %d bytes", len(paths), len(a.text))
			}
			last := a.json["errors"].([]any)[10].(map[string]any)
			if want := fmt.Sprintf("%d faults in all: the first 10 are listed", c.found); last["message"] != want {
				t.Errorf("the last says %q, want %q", last["message"], want)
			}
		})
	}
}

func TestTenFaultsAreListedAndNotCounted(t *testing.T) {
	s := start(t)
	ten := s.call("create-secret", request{body: body(`{"name":"n","kind":"generic","value":"v",` + many(10, `"u%d":1`) + "}")})
	ten.fault(400, 7001)
	if got := ten.paths(); len(got) != 10 || got[9] != "body.u9" {
		t.Errorf("ten faults: paths %v", got)
	}
}
