package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
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

func TestVersionsAreListedNewestFirstByStateToo(t *testing.T) {
	s := start(t)
	id := s.create()
	stem := strings.TrimSuffix(firstVersionOf(id), "1")
	for n := 2; n <= 5; n++ {
		s.version(id, fmt.Sprint("v", n))
	}
	s.change("disable-secret-version", id, stem+"2").want(200)
	s.change("disable-secret-version", id, stem+"4").want(200)
	s.change("destroy-secret-version", id, stem+"5").want(200)
	for filter, want := range map[string][]string{
		"":          {"5", "4", "3", "2", "1"},
		"enabled":   {"3", "1"},
		"disabled":  {"4", "2"},
		"destroyed": {"5"},
	} {
		query := with("limit", "1")
		if filter != "" {
			query["state"] = filter
		}
		pages := s.pages("list-secret-versions", request{id: id, query: query})
		if len(pages) != len(want) {
			t.Errorf("%q: pages %v", filter, pages)
			continue
		}
		for i, page := range pages {
			if !slices.Equal(page, []string{stem + want[i]}) {
				t.Errorf("%q: page %d is %v, want %s", filter, i, page, want[i])
			}
		}
	}
}

func TestAListOfVersionsReadsNoPayload(t *testing.T) {
	s := start(t)
	a := s.call("create-secret", request{body: body(fields(map[string]string{"value": text(65_536, "x")}))}).want(201)
	s.cloud.ResetCalls()
	out, err := s.capacity("versions", workspace+"#"+a.str("id"))
	if err != nil || out > 1 {
		t.Errorf("%v units for one version of 64 KiB (%v)", out, err)
	}
}

func TestACursorFitsItsOwnListAlone(t *testing.T) {
	s := start(t)
	for range 3 {
		s.create()
		s.deleted()
	}
	id := s.create()
	s.version(id, "second")
	cursor := s.call("list-secrets", request{query: with("limit", "1")}).str("next_cursor")
	versions := s.call("list-secret-versions", request{id: id, query: with("limit", "1")}).str("next_cursor")

	other := s.mint(grantFor("ws_other"))
	raw, _ := base64.RawURLEncoding.DecodeString(cursor)
	raw[len(raw)-1]++
	bad := map[string]request{
		"altered":              {query: with("cursor", base64.RawURLEncoding.EncodeToString(raw))},
		"cut short":            {query: with("cursor", cursor[:len(cursor)-2])},
		"longer":               {query: with("cursor", cursor+"AA")},
		"padded":               {query: with("cursor", cursor+"=")},
		"no cursor at all":     {query: with("cursor", "x")},
		"with another state":   {query: with("cursor", cursor, "state", "soft_deleted")},
		"with another kind":    {query: with("cursor", cursor, "kind", "generic")},
		"of a list of another": {query: with("cursor", versions)},
		"of another workspace": {query: with("cursor", cursor), headers: with("authorization", "Bearer "+other)},
	}
	for name, r := range bad {
		t.Run(name, func(t *testing.T) {
			a := s.call("list-secrets", r)
			a.fault(400, 7001)
			if got := a.paths(); got[0] != "query.cursor" {
				t.Errorf("paths %v", got)
			}
		})
	}
	s.call("list-secrets", request{query: with("cursor", cursor, "limit", "2")}).want(200)
	s.call("list-secret-versions", request{id: s.create(), query: with("cursor", versions)}).fault(400, 7001)
}

func TestListParametersAreBounded(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, c := range []struct{ operation, name, value string }{
		{"list-secrets", "limit", "0"}, {"list-secrets", "limit", "101"}, {"list-secrets", "limit", "-1"},
		{"list-secrets", "limit", "x"}, {"list-secrets", "limit", ""}, {"list-secrets", "limit", "1.0"},
		{"list-secrets", "kind", "nope"}, {"list-secrets", "kind", ""}, {"list-secrets", "state", "purged"},
		{"list-secret-versions", "limit", "101"}, {"list-secret-versions", "state", "active"},
	} {
		a := s.call(c.operation, request{id: id, query: with(c.name, c.value)})
		a.fault(400, 7001)
		if got := a.paths(); len(got) != 1 || got[0] != "query."+c.name {
			t.Errorf("%s %s=%s: paths %v", c.operation, c.name, c.value, got)
		}
	}
	for _, limit := range []string{"1", "100"} {
		s.call("list-secrets", request{query: with("limit", limit)}).want(200)
	}
	s.call("list-secrets", request{query: with("kind", "cloud_credential")}).want(200)
}

// forge makes a cursor of any position, as anybody can who has read how: its checksum has no key.
func forge(list, position string) string {
	sum := sha256.Sum256([]byte(list + "\n" + position))
	return base64.RawURLEncoding.EncodeToString(append(sum[:8:8], position...))
}

func TestAForgedCursorIsABadRequestAndReachesNoTable(t *testing.T) {
	s := start(t)
	id := s.create()
	secrets := func(kind string) string { return "list-secrets\n" + workspace + "\nactive\n" + kind }
	versions := func(state string) string { return "list-secret-versions\n" + workspace + "\n" + id + "\n" + state }
	bad := map[string][]string{ // by operation and filter
		"list-secrets ": {
			"x", "#", "generic#", "#" + id, "generic#sec_", "generic#sec_a b", "generic#" + id + "#", "generic##" + id,
			"generic#sec_" + strings.Repeat("x", 51), strings.Repeat("k", 2000) + "#" + id, "a\x00b#" + id, "\xff#" + id, "generic#SECRET",
		},
		"list-secrets generic": {"oci_registry#" + id, "gener#" + id, "generi#c" + id},
		"list-secret-versions ": {
			"x", "0", "-1", "01", "+1", " 1", "1.0", "1e3", "0x1", "10000000000", "9223372036854775807", "99999999999999999999",
			strings.Repeat("9", 400), "NaN", "\x00", "\xff",
		},
		"list-secret-versions enabled": {"x", "0", "10000000000"},
	}
	s.call("get-secret", request{id: id}).want(200) // the token is cached from here on
	s.cloud.ResetCalls()
	for which, positions := range bad {
		operation, filter, _ := strings.Cut(which, " ")
		for _, position := range positions {
			query := with("cursor", forge(secrets(filter), position))
			if operation == "list-secret-versions" {
				query["cursor"] = forge(versions(filter), position)
			}
			if filter != "" {
				query[map[string]string{"list-secrets": "kind", "list-secret-versions": "state"}[operation]] = filter
			}
			a := s.call(operation, request{id: id, query: query})
			a.fault(400, 7001)
			if got := a.paths(); !slices.Equal(got, []string{"query.cursor"}) {
				t.Errorf("%s after %q: paths %v", which, position, got)
			}
		}
	}
	s.wantCalls()
	for _, position := range []string{"generic#sec_" + strings.Repeat("z", 50), "a_kind_to_come/x#" + id} {
		s.call("list-secrets", request{query: with("cursor", forge(secrets(""), position))}).want(200)
	}
	for _, position := range []string{"1", "9999999999"} {
		s.call("list-secret-versions", request{id: id, query: with("cursor", forge(versions(""), position))}).want(200)
		s.call("list-secret-versions", request{id: id, query: with("state", "enabled", "cursor", forge(versions("enabled"), position))}).want(200)
	}
}
