package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// maxGzip is the most that the document may take on its way, in bytes.
const maxGzip = 40 << 10

func assembled(t *testing.T, s SignIn) Page {
	t.Helper()
	p, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// withSignIn is a deployment at which people sign in.
var withSignIn = SignIn{
	Issuer: "https://login.example.com/tenant/", ClientID: "console", Audience: "keepsake", Scope: "openid secrets:read",
}

func TestTheDocumentIsSmallAndTheSameWhenUncompressed(t *testing.T) {
	p := assembled(t, withSignIn)
	t.Logf("%d bytes, %d compressed", len(p.Document), len(p.Gzip))
	if len(p.Gzip) > maxGzip {
		t.Errorf("%d bytes compressed, want at most %d", len(p.Gzip), maxGzip)
	}
	r, err := gzip.NewReader(bytes.NewReader(p.Gzip))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || !bytes.Equal(text, p.Document) {
		t.Errorf("uncompressed it is another document, %v", err)
	}
}

func TestThePolicyNamesTheDocumentsOneScriptAndOneStyleAndNoOther(t *testing.T) {
	p := assembled(t, withSignIn)
	for _, kind := range []struct{ directive, element string }{
		{"script-src", `<script type="module">([^\x00]*?)</script>`}, {"style-src", `<style>([^\x00]*?)</style>`},
	} {
		found := regexp.MustCompile(kind.element).FindAllSubmatch(p.Document, -1)
		if len(found) != 1 {
			t.Fatalf("%d elements for %s, want one", len(found), kind.directive)
		}
		sum := sha256.Sum256(found[0][1])
		want := kind.directive + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		if !slices.Contains(strings.Split(p.Policy, "; "), want) {
			t.Errorf("the policy lacks %s: %s", want, p.Policy)
		}
	}
}

func TestThePolicyAllowsNothingElse(t *testing.T) {
	hashes := regexp.MustCompile(`'sha256-[^']+'`)
	const closed = "default-src 'none'; script-src HASH; style-src HASH; connect-src %s; img-src data:; base-uri 'none'; " +
		"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	elsewhere := withSignIn
	elsewhere.TokenOrigin = "https://token.example.com"
	here := withSignIn
	here.TokenOrigin = "https://login.example.com"
	for connect, s := range map[string]SignIn{
		"'self'":                           {},
		"'self' https://login.example.com": withSignIn,
		"'self' https://login.example.com https://token.example.com": elsewhere,
	} {
		if got, want := hashes.ReplaceAllString(assembled(t, s).Policy, "HASH"), fmt.Sprintf(closed, connect); got != want {
			t.Errorf("the policy is\n%s, want\n%s", got, want)
		}
	}
	if assembled(t, SignIn{Issuer: withSignIn.Issuer}).Policy != assembled(t, SignIn{}).Policy {
		t.Error("an issuer of machines only is named")
	}
	if assembled(t, here).Policy != assembled(t, withSignIn).Policy {
		t.Error("the issuer's own origin is named twice")
	}
}

func TestTheDocumentLoadsNothing(t *testing.T) {
	p := assembled(t, withSignIn)
	body := regexp.MustCompile(`<(script|style)[^>]*>[^\x00]*?</(script|style)>`).ReplaceAll(p.Document, nil)
	for _, load := range regexp.MustCompile(`(?i)<[a-z][^>]*\s(src|srcset|href|action|on[a-z]+|style)=[^>]*>|<(iframe|object|embed|base|form|meta http-equiv)\b`).FindAllString(string(body), -1) {
		if load != `<link rel="icon" href="data:,">` {
			t.Errorf("it has %s", load)
		}
	}
	if strings.Contains(string(p.Document), "sourceMappingURL") {
		t.Error("it names a source map, which is not served")
	}
}

func TestSettingsCannotEndTheirElementAndArriveAsTheyWere(t *testing.T) {
	odd := `</script><script>alert(1)</script><!--"'&` + "\u2028{{script}}"
	s := SignIn{Issuer: "https://login.example.com/" + odd, ClientID: odd, Audience: odd, Scope: odd}
	p := assembled(t, s)
	if want := assembled(t, withSignIn); strings.Count(string(p.Document), "<script") != strings.Count(string(want.Document), "<script") ||
		strings.Split(p.Policy, ";")[1] != strings.Split(want.Policy, ";")[1] {
		t.Error("the settings have changed the document's scripts")
	}
	data := regexp.MustCompile(`<script type="application/json" id="settings">(.*?)</script>`).FindSubmatch(p.Document)
	var got settings
	if err := json.Unmarshal(data[1], &got); err != nil || *got.SignIn != s {
		t.Errorf("%+v, %v", got.SignIn, err)
	}
	if data := assembled(t, SignIn{Issuer: "https://login.example.com"}).Document; !strings.Contains(string(data), `{"signIn":null}`) {
		t.Error("without a client's id, a sign-in is offered")
	}
}

func TestASignInThatWouldChangeThePolicyIsRefused(t *testing.T) {
	for _, address := range []string{"", "login", "https://", "https://a;script-src *", "https://a b", "https://*", "https://a,b", "https://'self'"} {
		s := withSignIn
		s.Issuer = address
		if p, err := New(s); err == nil && address != "" {
			t.Errorf("issuer %q: %s", address, p.Policy)
		}
		s = withSignIn
		s.TokenOrigin = address
		if p, err := New(s); err == nil && address != "" {
			t.Errorf("token origin %q: %s", address, p.Policy)
		}
	}
}

func TestTextThatWouldEndItsElementIsNotInlined(t *testing.T) {
	for _, text := range []string{"a</SCRIPT>", "a</style >", "<!-- a", "<script", "a\r\n"} {
		if isInlinable(text) == nil {
			t.Errorf("%q is inlined", text)
		}
	}
}

func TestTheLibrariesAreThoseOfTheirTable(t *testing.T) {
	table, err := os.ReadFile("vendor/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for module, file := range vendored {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		row := fmt.Sprintf("`%x`", sha256.Sum256(text))
		if !strings.Contains(string(table), row) {
			t.Errorf("%s is another %s than vendor/README.md says", file, module)
		}
	}
}
