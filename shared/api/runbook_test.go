package api_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"keepsake/shared/auth"
)

// readsOfOneCaller is the runbook's query of the log: which field names the caller, and by which fields it counts.
var readsOfOneCaller = regexp.MustCompile(`filter (\w+) = "tok_…" \| stats count\(\*\) as calls by bin\(1d\) as day, ([\w, ]+) \| sort`)

func TestTheRunbooksQueryForACallersReadsAsksForWhatTheirLinesHave(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "infra", "docs", "runbooks.md"))
	if err != nil {
		t.Fatal(err)
	}
	query := readsOfOneCaller.FindStringSubmatch(string(page))
	if query == nil || !strings.Contains(string(page), `"/keepsake/$stack/access-secret-version" "/keepsake/$stack/access-named-version"`) {
		t.Fatal("the runbook has no such query")
	}
	for operation, by := range map[string]func(s *service, r request) request{
		"access-secret-version": func(_ *service, r request) request { return r },
		"access-named-version": func(s *service, r request) request {
			s.cloud.Settle()
			r.id, r.name = "", "db"
			return r
		},
	} {
		t.Run(operation, func(t *testing.T) { holdTheQuery(t, query, operation, by) })
	}
}

// holdTheQuery checks that the lines about an operation have what the runbook's query asks for.
func holdTheQuery(t *testing.T, query []string, operation string, by func(*service, request) request) {
	s := start(t)
	id := s.create()
	etag := s.call(operation, by(s, request{id: id})).want(200).headers["ETag"]
	refused := s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Read}})
	for status, r := range map[int]request{
		200: {id: id},
		304: {id: id, headers: with("if-none-match", etag)},
		403: {id: id, headers: with("authorization", "Bearer "+refused)},
		404: {id: id, vid: "nope"},
	} {
		s.log.Reset()
		s.call(operation, by(s, r)).want(status)
		line := s.logged()
		who := s.token
		if status == 403 {
			who = refused
		}
		want := map[string]any{query[1]: auth.TokenID(who), "workspace_id": workspace, "secret_id": id, "status": float64(status)}
		for _, field := range append(strings.Split(query[2], ", "), query[1]) {
			if line[field] == nil || line[field] != want[field] {
				t.Errorf("%d: the line's %s is %v, want %v", status, field, line[field], want[field])
			}
		}
	}
}
