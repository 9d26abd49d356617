package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

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

func TestACursorOfVersionsFitsItsOwnStateAndWorkspaceAlone(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, value := range []string{"second", "third"} {
		s.version(id, value)
	}
	all := s.call("list-secret-versions", request{id: id, query: with("limit", "1")}).str("next_cursor")
	enabled := s.call("list-secret-versions", request{id: id, query: with("limit", "1", "state", "enabled")}).str("next_cursor")
	other := s.mint(grantFor("ws_other"))
	for name, r := range map[string]request{
		"with a state":         {id: id, query: with("cursor", all, "state", "enabled")},
		"without its state":    {id: id, query: with("cursor", enabled)},
		"with another state":   {id: id, query: with("cursor", enabled, "state", "disabled")},
		"of another workspace": {id: id, query: with("cursor", all), headers: with("authorization", "Bearer "+other)},
	} {
		a := s.call("list-secret-versions", r)
		if a.status != 400 || a.paths()[0] != "query.cursor" {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	s.call("list-secret-versions", request{id: id, query: with("cursor", all)}).want(200)
	s.call("list-secret-versions", request{id: id, query: with("cursor", enabled, "state", "enabled")}).want(200)
}
