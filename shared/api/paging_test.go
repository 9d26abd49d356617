package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
)

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

// forge makes a cursor of any position. Any client can do so: the checksum has no key.
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

func TestAForgedCursorOfTheTrashIsABadRequestAndReachesNoTable(t *testing.T) {
	s := start(t)
	id := s.deleted()
	page := func(position string) response {
		cursor := forge("list-secrets\n"+workspace+"\nsoft_deleted\n", position)
		return s.call("list-secrets", request{query: with("state", "soft_deleted", "cursor", cursor)})
	}
	s.call("get-secret", request{id: id}).want(200) // the token is cached from here on
	s.cloud.ResetCalls()
	for _, position := range []string{
		"x", "#", "1798000000#", "#" + id, "generic#" + id, "0#" + id, "-1#" + id, "01#" + id, "+1#" + id, "1e3#" + id, "10000000000#" + id,
		"1798000000#" + id + "#", "1798000000##" + id, "1798000000#sec_a b", "NaN#" + id, "\x00#" + id,
	} {
		a := page(position)
		a.fault(400, 7001)
		if got := a.paths(); !slices.Equal(got, []string{"query.cursor"}) {
			t.Errorf("after %q: paths %v", position, got)
		}
	}
	s.wantCalls()
	for _, position := range []string{"1#" + id, "9999999999#sec_" + strings.Repeat("z", 50)} {
		page(position).want(200)
	}
}
