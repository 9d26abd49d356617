package edge_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"keepsake/infra/cloud/gateway"
)

// nowhere is the path that the edge gives to one that the gateway would misread. No route has it.
const nowhere = "/nowhere"

// anyPath draws paths from parts of the API's paths and from what could be taken for them.
func anyPath() *rapid.Generator[string] {
	part := rapid.SampledFrom([]string{
		"/", "v1", "secrets", "versions", "sec_1", "latest", ":", "%3A", "%3a", "%253A", "%2F", "%3F", "%25", "%",
		"undelete", "enable", "disable", "destroy", "access", "Undelete", "..", ".", "%2e", ";", "$&", "\n", "é", "%C3%A9",
	})
	prefix := rapid.SampledFrom([]string{"/", "/v1/secrets/", "/v1/secrets/sec_1", "/v1/secrets/sec_1/versions/latest"})
	return rapid.Custom(func(t *rapid.T) string {
		return prefix.Draw(t, "prefix") + strings.Join(rapid.SliceOfN(part, 0, 12).Draw(t, "parts"), "")
	})
}

// slashed returns path with the colon of a custom method as a slash, or path itself if it has none.
func slashed(path string) string {
	for _, colon := range []string{":", "%3A", "%3a"} {
		for _, verb := range []string{"undelete", "enable", "disable", "destroy", "access"} {
			if before, ok := strings.CutSuffix(path, colon+verb); ok {
				return before + "/" + verb
			}
		}
	}
	return path
}

func TestAnyPathStaysAsItIsButForTheColonOfAMethod(t *testing.T) {
	e := function(t)
	rapid.Check(t, func(t *rapid.T) {
		method, path := rapid.SampledFrom([]string{"GET", "POST"}).Draw(t, "method"), anyPath().Draw(t, "path")
		got, err := behind(e, method, path)
		if err != nil {
			t.Fatal(err)
		}
		if got != path && got != nowhere && (method != "POST" || got != slashed(path)) {
			t.Fatalf("%s %q became %q", method, path, got)
		}
		if again, err := behind(e, method, got); again != got || err != nil {
			t.Fatalf("%q became %q, then %q, %v", path, got, again, err)
		}
	})
}

// misread reports whether the gateway would read another path than the client meant: with a segment
// more, cut off at a question mark, changed by a second decoding, or none.
func misread(path string) bool {
	routed, inEvent, err := gateway.ReadPath(path)
	return err != nil || routed != inEvent || strings.Count(routed, "/") != strings.Count(path, "/") ||
		strings.Contains(strings.ToUpper(path), "%3F")
}

func TestWhatTheGatewayWouldMisreadGoesWhereNoRouteIsAndNothingElseDoes(t *testing.T) {
	e := function(t)
	rapid.Check(t, func(t *rapid.T) {
		path := anyPath().Draw(t, "path")
		got, err := behind(e, "POST", path)
		if err != nil {
			t.Fatal(err)
		}
		if gone := got == nowhere && path != nowhere; gone != misread(path) || misread(got) {
			t.Fatalf("%q became %q; misread before: %v, after: %v", path, got, misread(path), misread(got))
		}
	})
}

func TestAPathAsLongAsCloudFrontTakesPasses(t *testing.T) {
	e := function(t)
	long := "/v1/secrets/" + strings.Repeat(":undelet", 1000)
	for path, want := range map[string]string{long: long, long + ":undelete": long + "/undelete"} {
		if got, err := behind(e, "POST", path); got != want || err != nil {
			t.Errorf("a path of %d bytes became one of %d, %v", len(path), len(got), err)
		}
	}
}
