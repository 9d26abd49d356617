package api_test

import (
	"maps"
	"slices"
	"testing"
)

// pages follows a list to its end and returns what it showed, page by page.
func (s *service) pages(operation string, r request) [][]string {
	s.t.Helper()
	var out [][]string
	query := r.query
	for {
		a := s.call(operation, r).want(200)
		var ids []string
		for _, item := range a.json["data"].([]any) {
			ids = append(ids, item.(map[string]any)["id"].(string))
		}
		out = append(out, ids)
		next, more := a.json["next_cursor"].(string)
		if more != a.json["has_more"].(bool) {
			s.t.Fatalf("has_more %v, next_cursor %v", a.json["has_more"], a.json["next_cursor"])
		}
		if !more {
			return out
		}
		r.query = maps.Clone(query)
		if r.query == nil {
			r.query = map[string]string{}
		}
		r.query["cursor"] = next
	}
}

func TestAListShowsEachActiveSecretOnceInFullPages(t *testing.T) {
	s := start(t)
	var want []string
	for range 7 {
		want = append(want, s.create())
	}
	s.deleted()
	pages := s.pages("list-secrets", request{query: with("limit", "3")})
	if len(pages) != 3 || len(pages[0]) != 3 || len(pages[1]) != 3 || len(pages[2]) != 1 {
		t.Errorf("pages %v", pages)
	}
	got := slices.Concat(pages...)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
}

func TestAnEmptyListIsAnEmptyPage(t *testing.T) {
	s := start(t)
	if a := s.call("list-secrets", request{}).want(200); a.text != `{"data":[],"has_more":false,"next_cursor":null}`+"\n" {
		t.Errorf("body %s", a.text)
	}
}

func TestAListIsExactWhileOthersAreMadeAndDeleted(t *testing.T) {
	s := start(t)
	stay := map[string]bool{}
	for range 7 {
		stay[s.create()] = true
	}
	seen := map[string]int{}
	first := s.call("list-secrets", request{query: with("limit", "3")}).want(200)
	for _, item := range first.json["data"].([]any) {
		seen[item.(map[string]any)["id"].(string)]++
	}
	var leaves string // one that the first page has not shown
	for id := range stay {
		if seen[id] == 0 {
			leaves = id
		}
	}
	delete(stay, leaves)
	s.call("delete-secret", request{id: leaves, headers: with("if-match", "1")}).want(204)
	s.create()
	rest := s.pages("list-secrets", request{query: with("limit", "3", "cursor", first.str("next_cursor"))})
	for _, id := range slices.Concat(rest...) {
		seen[id]++
	}
	for id := range stay {
		if seen[id] != 1 {
			t.Errorf("%s was shown %d times", id, seen[id])
		}
	}
	if seen[leaves] != 0 {
		t.Error("a deleted secret was shown")
	}
}

func TestAListOfOneKindCostsWhatItShows(t *testing.T) {
	s := start(t)
	for range 5 {
		s.create()
	}
	want := s.createOf("oci_registry")
	s.cloud.ResetCalls()
	pages := s.pages("list-secrets", request{query: with("kind", "oci_registry", "limit", "1")})
	if len(pages) != 1 || !slices.Equal(pages[0], []string{want}) {
		t.Errorf("pages %v", pages)
	}
	s.wantCalls("dynamodb:Query")
}

func TestAListOfSoftDeletedSecretsShowsWhatCanBeRestored(t *testing.T) {
	s := start(t)
	s.create()
	tooLate := []string{s.deleted(), s.deleted(), s.deleted()}
	s.now = s.now.Add(retention / 2)
	want := []string{s.deleted(), s.deleted()}
	all := slices.Concat(s.pages("list-secrets", request{query: with("state", "soft_deleted", "limit", "2")})...)
	if len(all) != len(tooLate)+len(want) {
		t.Errorf("listed %v", all)
	}
	s.now = s.now.Add(retention / 2)
	pages := s.pages("list-secrets", request{query: with("state", "soft_deleted", "limit", "2")})
	slices.Sort(want)
	if len(pages) != 1 || !slices.Equal(pages[0], want) {
		t.Errorf("listed %v, want %v on one full page", pages, want)
	}
}

func TestAnotherWorkspaceListsNothing(t *testing.T) {
	s := start(t)
	s.create()
	s.token = s.mint(grantFor("ws_other"))
	if got := slices.Concat(s.pages("list-secrets", request{})...); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
}
