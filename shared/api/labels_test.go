package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// labels makes n labels whose names and values weigh so much together, in bytes of UTF-8, most of them
// in characters of four bytes. With escape, every character that can be is a \u escape.
func labels(n, weight int, escape bool) string {
	var parts []string
	for i := range n {
		share := weight/n + min(1, max(0, weight%n-i))
		name := fmt.Sprintf("%03d", i)
		value := strings.Repeat("𝄞", (share-len(name))/4) + strings.Repeat("x", (share-len(name))%4)
		if escape {
			name, value = escaped(name), escaped(strings.Repeat("x", share-len(name)))
		}
		parts = append(parts, `"`+name+`":"`+value+`"`)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// escaped spells each character as a \u escape, as some clients do.
func escaped(text string) string {
	var out strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&out, `\u%04x`, unit)
	}
	return out.String()
}

func TestLabelsWeighAtMostSixteenKiB(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, n := range []int{200, 100} {
		most := labels(n, 16<<10, false)
		s.call("create-secret", request{body: body(fields(map[string]string{"labels": most}))}).want(201)
		over := labels(n, 16<<10+1, false)
		refused := []response{
			s.call("create-secret", request{body: body(fields(map[string]string{"labels": over}))}),
			s.update(id, "1", `{"labels":`+over+`}`),
		}
		for _, a := range refused {
			a.fault(400, 7001)
			if got := a.paths(); !slices.Equal(got, []string{"body.labels"}) {
				t.Errorf("%d labels: paths %v", n, got)
			}
		}
	}
}
