package edge_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode"

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
	prefix := rapid.SampledFrom([]string{"/", "/v1/secrets/", "/v1/secrets/sec_1", "/v1/secrets/sec_1/versions/latest", "/v1/names"})
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
		if strings.HasPrefix(path, "/v1/names/") {
			return // the test of names has these
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

func TestAnyNameReachesTheFunctionAsItIsInWhateverWayItIsEncoded(t *testing.T) {
	g, last := newGateway(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.RuneFrom(nil, unicode.L, unicode.P, unicode.S, unicode.Z, unicode.Cc), 1, 200, -1).Draw(t, "name")
		path := "/v1/names/" + encoded(t, name) + "/versions/latest" + rapid.SampledFrom([]string{":", "%3A", "%3a"}).Draw(t, "colon") + "access"
		g.ServeHTTP(httptest.NewRecorder(), clientRequest("POST", path))
		got, err := url.PathUnescape(strings.ReplaceAll(last.event.PathParameters["name"], "~", "%"))
		if last.operation != "access-named-version" || got != name || err != nil || last.event.PathParameters["vid"] != "latest" {
			t.Fatalf("%s reaches %s as %q, %v", path, last.operation, got, err)
		}
		if strings.Trim(last.event.PathParameters["name"], "~-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
			t.Fatalf("%s comes as %q, which has a character that could mean something", path, last.event.PathParameters["name"])
		}
	})
}

// encoded returns a name as a client may write it in a path: what must be encoded is, the rest may be.
func encoded(t *rapid.T, name string) string {
	var out strings.Builder
	for _, c := range []byte(name) {
		plain := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~!$&'()*+,;=:@", c) >= 0
		if plain && rapid.Bool().Draw(t, "plain") {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, rapid.SampledFrom([]string{"%%%02x", "%%%02X"}).Draw(t, "case"), c)
		}
	}
	return out.String()
}

func TestWhatTheGatewayWouldMisreadGoesWhereNoRouteIsAndNothingElseDoes(t *testing.T) {
	e := function(t)
	rapid.Check(t, func(t *rapid.T) {
		path := anyPath().Draw(t, "path")
		got, err := behind(e, "POST", path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(path, "/v1/names/") {
			if misread(got) {
				t.Fatalf("%q became %q", path, got)
			}
			return
		}
		if gone := got == nowhere && path != nowhere; gone != misread(path) || misread(got) {
			t.Fatalf("%q became %q; misread before: %v, after: %v", path, got, misread(path), misread(got))
		}
	})
}

func TestAPathAsLongAsCloudFrontTakesPasses(t *testing.T) {
	e := function(t)
	long := "/v1/secrets/" + strings.Repeat(":undelet", 1000)
	named := "/v1/names/" + strings.Repeat("%F0%9F%98%80", 600) + "/versions/latest"
	for path, want := range map[string]string{
		long: long, long + ":undelete": long + "/undelete", named + ":access": strings.ReplaceAll(named, "%", "~") + "/access",
	} {
		if got, err := behind(e, "POST", path); got != want || err != nil {
			t.Errorf("a path of %d bytes became one of %d, %v", len(path), len(got), err)
		}
	}
}
