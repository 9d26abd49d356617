package api_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"keepsake/shared/auth"
)

// createNamed makes a secret of this name, with labels if there are any.
func (s *service) createNamed(name string, labels ...string) string {
	s.t.Helper()
	all, err := json.Marshal(map[string]any{"name": name, "kind": "generic", "value": plaintext, "labels": with(labels...)})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.call("create-secret", request{body: body(string(all))}).want(201).str("id")
}

// wantListed checks what a list shows, in whatever order.
func (s *service) wantListed(query map[string]string, want ...string) {
	s.t.Helper()
	got := slices.Sorted(slices.Values(slices.Concat(s.pages("list-secrets", request{query: query})...)))
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		s.t.Errorf("%q: listed %v, want %v", query, got, want)
	}
}

func TestASecretIsFoundByItsName(t *testing.T) {
	s := start(t)
	one, two := s.createNamed("db-password"), s.createNamed("db-password")
	user := s.createNamed("db-user")
	s.createNamed("DB-password")
	s.createNamed("db-passwords")
	s.cloud.ResetCalls()
	s.wantListed(with("name", "db-password"), one, two)
	s.wantCalls("dynamodb:Query")
	s.wantListed(with("name", "db"))
	s.rename(user, "1", "db").want(200)
	s.wantListed(with("name", "db"), user)
	s.wantListed(with("name", "db-user"))
	s.delete(one, "1").want(204)
	s.wantListed(with("name", "db-password"), two)
	s.wantListed(with("name", "db-password", "state", "soft_deleted"), one)
	s.undelete(one, "2").want(200)
	s.hardDelete(two, "1").want(204)
	s.wantListed(with("name", "db-password"), one)
	s.wantListed(with("name", "db-password", "kind", "generic"), one)
	s.wantListed(with("name", "db-password", "kind", "oci_registry"))
	s.token = s.mint(grantFor("ws_other"))
	s.wantListed(with("name", "db-password"))
}

func TestSecretsWhoseNamesBeginAlikeAreListedByName(t *testing.T) {
	s := start(t)
	want := []string{s.createNamed("db/a"), s.createNamed("db/b"), s.createNamed("db/b"), s.createNamed("db/ä"), s.createNamed("db/𝄞")}
	s.createNamed("da")
	s.createNamed("dc")
	pages := s.pages("list-secrets", request{query: with("name_prefix", "db/", "limit", "2")})
	got := slices.Concat(pages...)
	if len(pages) != 3 || len(got) != 5 || got[0] != want[0] || got[3] != want[3] || got[4] != want[4] {
		t.Errorf("listed %v, want %v", pages, want)
	}
	s.wantListed(with("name_prefix", "db"), want...)
	s.wantListed(with("name_prefix", "db/b"), want[1], want[2])
}

// names are those that something on the way could take for something else.
var names = []string{
	"#", "a#b", "ws_test#active", "a/b", "a b", "a+b", "100%", "%2F", "%252F", "a?b=c&d", "\"", "\\", "\n", "ä", "a\u0308", "𝄞", "\ufffd", "'; --", ":",
	strings.Repeat("𝄞", 200), strings.Repeat("#", 200), "latest", "..", "{name}",
}

func TestASecretIsFoundByAnyNameThatItCanHave(t *testing.T) {
	s := start(t)
	ids := map[string]string{}
	for _, name := range names {
		ids[name] = s.createNamed(name, "team:x", name, "team", name)
	}
	for _, name := range names {
		s.wantListed(with("name", name), ids[name])
		s.wantListed(with("label", "team:"+name), ids[name])
		s.call("list-secrets", request{query: with("name_prefix", name, "limit", "1")}).want(200)
	}
	pages := s.pages("list-secrets", request{query: with("name_prefix", "a", "limit", "1")}) // the cursors have these names
	if len(pages) != 6 || len(slices.Concat(pages...)) != 6 {
		t.Errorf("listed %v", pages)
	}
}

func TestSecretsAreListedByALabel(t *testing.T) {
	s := start(t)
	both := s.createNamed("both", "team", "a", "env", "test")
	one := s.createNamed("one", "team", "a")
	none := s.createNamed("none", "team", "", "env", "a:b:c")
	s.createNamed("bare")
	s.wantListed(with("label", "team:a"), both, one)
	s.wantListed(with("label", "team:"), none)
	s.wantListed(with("label", "env:a:b:c"), none)
	s.wantListed(with("label", "team:b"))
	s.wantListed(with("label", "teams:a"))
	s.wantListed(with("label", "team:a", "name", "one"), one)
	s.wantListed(with("label", "team:a", "name_prefix", "n"))
	s.delete(both, "1").want(204)
	s.wantListed(with("label", "team:a"), one)
	s.wantListed(with("label", "team:a", "state", "soft_deleted"), both)
	s.wantListed(with("label", "team:a", "state", "soft_deleted", "kind", "generic"), both)
	s.wantListed(with("label", "team:a", "state", "soft_deleted", "kind", "oci_registry"))
	s.wantListed(with("label", "team:a", "kind", "oci_registry"))
}

func TestABadFilterOfAListNamesItsParameter(t *testing.T) {
	s := start(t)
	s.create()
	s.cloud.ResetCalls()
	long := strings.Repeat("𝄞", 201)
	for _, c := range []struct{ raw, path string }{
		{"name=", "query.name"}, {"name=" + long, "query.name"}, {"name=%00", "query.name"}, {"name=%ff", "query.name"}, {"name=%zz", "query.name"},
		{"name=a&name=b", "query.name"}, {"name", "query.name"},
		{"name_prefix=", "query.name_prefix"}, {"name_prefix=" + long, "query.name_prefix"}, {"name_prefix=a%00", "query.name_prefix"},
		{"name_prefix=%c3", "query.name_prefix"}, {"name=a&name_prefix=a", "query.name_prefix"},
		{"label=", "query.label"}, {"label=team", "query.label"}, {"label=:a", "query.label"}, {"label=" + long + ":a", "query.label"},
		{"label=team:" + long, "query.label"}, {"label=team:%00", "query.label"}, {"label=%ff:a", "query.label"}, {"label=a:b&label=c:d", "query.label"},
	} {
		a := s.callRaw("list-secrets", c.raw, request{})
		a.fault(400, 7001)
		if got := a.paths(); !slices.Equal(got, []string{c.path}) {
			t.Errorf("?%s: paths %v", c.raw, got)
		}
	}
	s.wantCalls()
}

func TestACursorFitsItsOwnNamesAndLabelAlone(t *testing.T) {
	s := start(t)
	for _, name := range []string{"a", "a", "ab", "ab"} {
		s.createNamed(name, "team", "a")
	}
	for range 2 {
		s.delete(s.createNamed("a", "team", "a"), "1").want(204)
	}
	s.cloud.Settle()
	filters := []map[string]string{
		{}, with("name", "a"), with("name", "a", "state", "soft_deleted"), with("name", "ab"), with("name_prefix", "a"), with("name_prefix", "ab"), with("label", "team:a"),
		with("name", "a", "label", "team:a"), with("name_prefix", "a", "label", "team:a"),
	}
	for _, from := range filters {
		query := with("limit", "1")
		maps.Copy(query, from)
		cursor := s.call("list-secrets", request{query: query}).want(200).str("next_cursor")
		for _, to := range filters {
			query := with("limit", "1", "cursor", cursor)
			maps.Copy(query, to)
			a := s.call("list-secrets", request{query: query})
			if maps.Equal(from, to) {
				a.want(200)
				continue
			}
			a.fault(400, 7001)
			if got := a.paths(); !slices.Equal(got, []string{"query.cursor"}) {
				t.Errorf("a cursor of %v for %v: paths %v", from, to, got)
			}
		}
	}
}

func TestAForgedCursorOfNamesIsABadRequestAndReachesNoTable(t *testing.T) {
	s := start(t)
	id := s.create()
	page := func(parameter, position string) response {
		filter := map[string]string{"name": "\n" + `"db" "" {"" ""}`, "name_prefix": "\n" + `"" "db" {"" ""}`}[parameter]
		cursor := forge("list-secrets\n"+workspace+"\nactive\n"+filter, position)
		return s.call("list-secrets", request{query: with(parameter, "db", "cursor", cursor)})
	}
	s.call("get-secret", request{id: id}).want(200) // the token is cached from here on
	s.cloud.ResetCalls()
	for parameter, positions := range map[string][]string{
		"name":        {"x", "#", "db", "#" + id, "d#" + id, "dba#" + id, "db#", "db#x", "db#sec_", "db#" + id + "#", "db##" + id, "db\x00#" + id},
		"name_prefix": {"d#" + id, "xdb#" + id, "db\xff#" + id, "db" + strings.Repeat("x", 1023) + "#" + id, "generic#" + id, "1798000000#" + id},
	} {
		for _, position := range positions {
			a := page(parameter, position)
			a.fault(400, 7001)
			if got := a.paths(); !slices.Equal(got, []string{"query.cursor"}) {
				t.Errorf("%s after %q: paths %v", parameter, position, got)
			}
		}
	}
	s.wantCalls()
	page("name", "db#"+id).want(200)
	for _, position := range []string{"db#" + id, "db##" + id, "db\x00#" + id, "db" + strings.Repeat("x", 1022) + "#" + id} {
		page("name_prefix", position).want(200)
	}
}

func TestRestoringFindsDeletedSecretsByNameAndNoActiveOnes(t *testing.T) {
	s := start(t)
	id := s.createNamed("db")
	s.delete(id, "1").want(204)
	s.createNamed("db")
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Restore}})
	s.wantListed(with("name", "db", "state", "soft_deleted"), id)
	s.call("list-secrets", request{query: with("name", "db")}).fault(403, 7004)
}
