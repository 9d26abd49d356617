package edge_test

import (
	"net/url"
	"strings"
	"testing"

	"keepsake/infra/edge"
)

// FuzzEdge holds the edge function to what it promises of any path: only a POST is rewritten, only a
// custom method's colon and a secret's name, which keeps its meaning, and nothing is left that the gateway would
// read as a slash or as a percent.
func FuzzEdge(f *testing.F) {
	pairs, err := edge.Pairs()
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range pairs {
		f.Add(p.Method, p.Path)
	}
	e := function(f)
	f.Fuzz(func(t *testing.T, method, path string) {
		if method == "" || !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, notInAPath) {
			t.Skip("no request line has that")
		}
		got, err := behind(e, method, path)
		if err != nil {
			t.Fatalf("the function fails: %v", err)
		}
		again, err := behind(e, method, got)
		lower, named := strings.ToLower(got), strings.HasPrefix(got, "/v1/names/")
		switch {
		case named && !sameName(path, got):
			t.Errorf("%q becomes %q, which names another secret", path, got)
		case named && again != nowhere:
			t.Errorf("%q has a second spelling, %q, which becomes %q", path, got, again)
		case err != nil || again != got && !named:
			t.Errorf("%q becomes %q, and that %q (%v)", path, got, again, err)
		case strings.Contains(lower, "%2f"), strings.Contains(lower, "%25"), strings.Contains(lower, "%3f"):
			t.Errorf("%q becomes %q", path, got)
		case got != path && got != nowhere && method != "POST":
			t.Errorf("%s %q becomes %q", method, path, got)
		case got != path && got != nowhere && !named && !separated(path, got):
			t.Errorf("%q becomes %q: more than a colon has changed", path, got)
		}
	})
}

// notInAPath reports whether a client has to encode r, or it ends the path.
func notInAPath(r rune) bool { return r <= ' ' || r > '~' || r == '?' || r == '#' }

// separated reports whether got is path with the last colon, however it is spelled, as a slash.
func separated(path, got string) bool {
	end := strings.LastIndex(got, "/")
	rest, ok := strings.CutPrefix(path, got[:end])
	if !ok {
		return false
	}
	for _, colon := range []string{":", "%3A", "%3a"} {
		if rest == colon+got[end+1:] {
			return true
		}
	}
	return false
}

// sameName reports whether got names the secret that path does, in letters, digits and tildes, and its version.
func sameName(path, got string) bool {
	was, is := strings.Split(path, "/"), strings.Split(got, "/")
	if len(was) != 6 || len(is) != 7 || strings.ContainsAny(is[3], "%:.+") {
		return false
	}
	want, err := url.PathUnescape(was[3])
	name, errIs := url.PathUnescape(strings.ReplaceAll(is[3], "~", "%"))
	return err == nil && errIs == nil && name == want && separated(was[5], is[5]+"/"+is[6])
}
