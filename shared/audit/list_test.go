package audit_test

import (
	"fmt"
	"testing"
	"time"

	"keepsake/shared/audit"
	"keepsake/shared/secret"
)

// listed returns the principals of a secret's lines, page by page.
func (p paper) listed(ref secret.Ref, limit int) [][]string {
	p.t.Helper()
	var pages [][]string
	for list := (audit.List{Secret: ref, Limit: limit}); ; {
		entries, more, err := p.reader.List(p.t.Context(), list)
		if err != nil {
			p.t.Fatal(err)
		}
		var page []string
		for _, e := range entries {
			page = append(page, e.By.Principal)
			list.After = e.ID
		}
		if pages = append(pages, page); !more {
			return pages
		}
		if !list.IsPosition(list.After) {
			p.t.Fatalf("%q is not taken for a position", list.After)
		}
	}
}

func TestATrailIsListedNewestFirstInFullPages(t *testing.T) {
	p := newPaper(t)
	for n := range 4 {
		l := line()
		l.By.At, l.By.Principal = noon.Add(time.Duration(n)*time.Second), fmt.Sprint("tok_", n)
		p.write(l)
	}
	for limit, want := range map[int]string{
		1: "[[tok_3] [tok_2] [tok_1] [tok_0]]", 3: "[[tok_3 tok_2 tok_1] [tok_0]]", 4: "[[tok_3 tok_2 tok_1 tok_0]]", 5: "[[tok_3 tok_2 tok_1 tok_0]]",
	} {
		if got := fmt.Sprint(p.listed(line().Ref, limit)); got != want {
			t.Errorf("%d to a page: %s, want %s", limit, got, want)
		}
	}
}

func TestAListHasTheLinesOfItsOwnSecretAlone(t *testing.T) {
	p := newPaper(t)
	for _, ref := range []secret.Ref{{Workspace: "ws_a", ID: "sec_b"}, {Workspace: "ws_b", ID: "sec_a"}, {Workspace: "ws_a", ID: "sec_a2"}} {
		l := line()
		l.Ref = ref
		p.write(l)
	}
	if got := p.listed(line().Ref, 10); len(got) != 1 || len(got[0]) != 0 {
		t.Errorf("the trail of a secret without lines is %v", got)
	}
}

func TestOnlyAKeyIsAPosition(t *testing.T) {
	for text, want := range map[string]bool{
		secret.Sortable(noon): true, "": false, "x": false, secret.Sortable(noon) + "0": false, "0000000000000000000000000#": false,
	} {
		if got := (audit.List{}).IsPosition(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
