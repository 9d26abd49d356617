package api_test

import (
	"fmt"
	"testing"
)

// TestNoOtherEtagThanTheCurrentOneChangesASecret tries each etag that the secret has had, and the next.
func TestNoOtherEtagThanTheCurrentOneChangesASecret(t *testing.T) {
	s := start(t)
	id := s.create()
	for etag := 1; etag < 4; etag++ {
		s.update(id, fmt.Sprint(etag), fmt.Sprintf(`{"name":"n%d"}`, etag)).want(200)
	}
	tries := map[string]func(etag string) answer{
		"update": func(etag string) answer { return s.update(id, etag, `{"name":"x"}`) },
		"delete": func(etag string) answer {
			return s.call("delete-secret", request{id: id, headers: with("if-match", etag)})
		},
		"hard delete": func(etag string) answer { return s.hardDelete(id, etag) },
		"undelete": func(etag string) answer {
			return s.call("undelete-secret", request{id: id, headers: with("if-match", etag)})
		},
	}
	refused := func(current string, names ...string) {
		t.Helper()
		for _, name := range names {
			for etag := 1; etag <= 7; etag++ {
				if text := fmt.Sprint(etag); text != current {
					if m := tries[name](text).conflict("ABORTED"); m["etag"] != current {
						t.Errorf("%s with %s: current etag %v, want %s", name, text, m["etag"], current)
					}
				}
			}
		}
	}
	refused("4", "update", "delete", "hard delete")
	if got := s.call("get-secret", request{id: id}).want(200); got.str("name") != "n3" || got.str("etag") != "4" {
		t.Errorf("the secret is now %s", got.text)
	}
	tries["delete"]("4").want(204)
	refused("5", "undelete", "hard delete")
	tries["undelete"]("5").want(200)
}

func TestNoOtherEtagThanTheCurrentOneChangesAVersion(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	etags := []string{s.call("get-secret-version", request{id: id, vid: vid}).str("etag")}
	for _, operation := range []string{"disable-secret-version", "enable-secret-version"} {
		etags = append(etags, s.change(operation, id, vid).want(200).str("etag"))
	}
	for _, etag := range etags[:2] {
		for _, operation := range []string{"disable-secret-version", "destroy-secret-version"} {
			m := s.call(operation, request{id: id, vid: vid, headers: with("if-match", etag)}).conflict("ABORTED")
			if m["etag"] != etags[2] {
				t.Errorf("%s with %s: current etag %v, want %s", operation, etag, m["etag"], etags[2])
			}
		}
	}
	s.call("access-secret-version", request{id: id, vid: vid}).want(200)
}

func TestAnEtagMatchesAsItWasGivenAndInNoOtherSpelling(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, spelt := range []string{"01", "+1", " 1", "1.0", `"01"`, `W/"1"`} {
		s.update(id, spelt, `{"name":"x"}`).conflict("ABORTED")
	}
	s.update(id, "1", `{"name":"x"}`).want(200)
}

func TestOnlyForceThatIsTrueIsAHardDelete(t *testing.T) {
	s := start(t)
	for _, force := range []string{"false", "null"} {
		id := s.create()
		s.call("delete-secret", request{id: id, headers: with("if-match", "1"), query: with("force", force)}).want(204)
		s.call("undelete-secret", request{id: id, headers: with("if-match", "2")}).want(200)
	}
	id := s.create()
	s.call("delete-secret", request{id: id, headers: with("if-match", "1"), query: with("force", "true")}).want(204)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2")}).fault(404, 7002)
}
