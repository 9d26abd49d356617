package api_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestAStaleEtagIsRefusedWithTheCurrentOne(t *testing.T) {
	s := start(t)
	active, deleted := s.create(), s.deleted()
	for _, stale := range []string{"7", `"7"`, "07", "+1", "x", `W/"1"`, "*", strings.Repeat("é", 256)} {
		m := s.call("delete-secret", request{id: active, headers: with("if-match", stale)}).conflict("ABORTED")
		if m["etag"] != "1" {
			t.Errorf("If-Match %s: current etag %v, want 1", stale, m["etag"])
		}
		a := s.call("undelete-secret", request{id: deleted, headers: with("if-match", stale)})
		if m := a.conflict("ABORTED"); m["etag"] != "2" {
			t.Errorf("If-Match %s: current etag %v, want 2", stale, m["etag"])
		}
		if message := a.fault(409, 7006)["message"].(string); !strings.HasPrefix(message, "ABORTED") {
			t.Errorf("message %q", message)
		}
	}
}

func TestIfMatchIsTakenQuotedAndBare(t *testing.T) {
	s := start(t)
	s.call("delete-secret", request{id: s.create(), headers: with("if-match", "1")}).want(204)
	s.call("delete-secret", request{id: s.create(), headers: with("if-match", `"1"`)}).want(204)
}

func TestIfMatchIsRequiredAndBounded(t *testing.T) {
	s := start(t)
	id := s.deleted()
	s.cloud.ResetCalls()
	for _, operation := range []string{"delete-secret", "undelete-secret"} {
		event := s.event(operation, request{id: id, headers: with("if-match", "")})
		response, _ := s.operations[operation](t.Context(), event)
		if response.StatusCode != 400 || !strings.Contains(response.Body, `"path":["headers","if-match"]`) {
			t.Errorf("%s without If-Match: %d %s", operation, response.StatusCode, response.Body)
		}
		a := s.call(operation, request{id: id, headers: with("if-match", strings.Repeat("é", 257))})
		a.fault(400, 7001)
		if got := a.paths(); got[0] != "headers.if-match" {
			t.Errorf("paths %v", got)
		}
	}
	for _, call := range s.cloud.Calls() {
		if call != "dynamodb:GetItem" {
			t.Errorf("a refused request made the call %s", call)
		}
	}
}

func TestEtagsGrowThroughDeleteAndUndelete(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, etag := range []string{"1", "3", "5"} {
		s.call("delete-secret", request{id: id, headers: with("if-match", etag)}).want(204)
		next := string(rune(etag[0] + 1))
		s.call("undelete-secret", request{id: id, headers: with("if-match", next)}).want(200)
	}
	if got := s.call("get-secret", request{id: id}).str("etag"); got != "7" {
		t.Errorf("etag %s after three rounds, want 7", got)
	}
}

func TestOfManyWritersWithOneEtagExactlyOneWins(t *testing.T) {
	s := start(t)
	for range 10 {
		id := s.deleted()
		var mu sync.Mutex
		var wg sync.WaitGroup
		got := map[int]int{}
		for range 6 {
			wg.Go(func() {
				response, err := s.operations["undelete-secret"](t.Context(), s.event("undelete-secret", request{id: id, headers: with("if-match", "2")}))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					got[response.StatusCode]++
				}
			})
		}
		wg.Wait()
		if got[200] != 1 || got[409] != 5 {
			t.Fatalf("statuses %v, want one 200 and five 409", got)
		}
	}
}

// TestNoOtherEtagThanTheCurrentOneChangesASecret tries each etag that the secret has had, and the next.
func TestNoOtherEtagThanTheCurrentOneChangesASecret(t *testing.T) {
	s := start(t)
	id := s.create()
	for etag := 1; etag < 4; etag++ {
		s.update(id, fmt.Sprint(etag), fmt.Sprintf(`{"name":"n%d"}`, etag)).want(200)
	}
	tries := map[string]func(etag string) response{
		"update": func(etag string) response { return s.update(id, etag, `{"name":"x"}`) },
		"delete": func(etag string) response {
			return s.call("delete-secret", request{id: id, headers: with("if-match", etag)})
		},
		"hard delete": func(etag string) response { return s.hardDelete(id, etag) },
		"undelete": func(etag string) response {
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

func TestAnEtagThatIsQuotedOnOneSideIsABadRequest(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, etag := range []string{`"1`, `1"`, `"`} {
		a := s.call("delete-secret", request{id: id, headers: with("if-match", etag)})
		a.fault(400, 7001)
		if got := a.paths(); !slices.Equal(got, []string{"headers.if-match"}) {
			t.Errorf("If-Match %s: paths %v", etag, got)
		}
	}
	s.call("delete-secret", request{id: id, headers: with("if-match", `""`)}).conflict("ABORTED")
}
