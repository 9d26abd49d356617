package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"keepsake/infra/envfile"
)

// deployment keeps every promise except one.
type deployment struct {
	promise string
	how     string // it is broken
	spoil   spoiler
}

var broken = []deployment{
	{"the OpenAPI document is served", "it is of another version",
		reword(onPath("GET", "/openapi.json"), func(text string) string { return strings.Replace(text, `"3.1.`, `"3.0.`, 1) })},
	{"a request without a credential is refused", "a create is checked before the caller is",
		onResponses(func(a *http.Response) {
			if onCreate(a.Request) && a.StatusCode == 401 {
				replaceBody(a, 400, textOf(a.Body))
			}
		})},
	{"a refused caller is told how to sign in", "the gateway renames the header", onResponses(func(a *http.Response) {
		if value := a.Header.Get("WWW-Authenticate"); value != "" {
			a.Header.Del("WWW-Authenticate")
			a.Header.Set("X-Amzn-Remapped-Www-Authenticate", value)
		}
	})},
	{"an unknown route is 404 in the contract's envelope", "the gateway answers, not the function",
		reword(onPath("GET", "/no-such-route"), func(string) string { return `{"message":"Not Found"}` })},
	{"a wrong method is 405 in the contract's envelope", "CloudFront lets no PUT through",
		onResponses(func(a *http.Response) {
			if a.StatusCode == 405 {
				replaceBody(a, 403, "<html>")
			}
		})},
	{"no answer may be kept", "the header is lost",
		onResponses(func(a *http.Response) { a.Header.Del("Cache-Control") })},
	{"the colon form with %3A reaches undelete and access", "the colon is encoded once more",
		spelling("POST", "%3A", "%253A")},
	{"the colon form with %3a reaches undelete and access", "only upper case is known",
		spelling("POST", "%3aaccess", "%253aaccess")},
	{"a GET of the colon form restores nothing", "the method is not looked at",
		onRequests(func(r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ":undelete") {
				r.Method = "POST"
			}
		})},
	{"a colon that is encoded twice is part of the id", "the path is decoded on the way", spelling("POST", "%253A", "%3A")},
	{"what an id holds encoded leads nowhere else", "the path is decoded on the way", spelling("GET", "%2F", "/")},
	{"what an id holds encoded leads nowhere else", "the path ends at a question mark", spelling("GET", "%253Fx", "")},
	{"a value is read by its secret's name, whatever is in the name", "the path is decoded on the way", spelling("POST", "%2F", "/")},
	{"no caller gets another's answer", "the edge keeps errors", keeping(has(401), anybody)},
	{"no caller gets another's answer", "the edge serves kept answers to callers without a credential",
		keeping(has(200), func(r *http.Request) bool { return r.Header.Get("Authorization") == "" })},
	{"no caller gets another's answer", "the edge joins what is under way", joining()},
	{"a 404 is not kept by the edge", "it is", keeping(has(404), anybody)},
	{"a create that is sent again makes one secret", "the key is lost", without("Idempotency-Key", onCreate)},
	{"no answer but an access has the value in it", "get has it, too", echo()},
	{"a value is read by latest, by id and by alias", "an alias reads another value",
		reword(onPath("POST", "/stable:access"), func(string) string { return `{"value":"other"}` })},
	{"an access of what the caller has is 304", "the header is lost", without("If-None-Match", anybody)},
	{"a new version is the latest, and the old one stays", "the key is lost", without("Idempotency-Key", onPath("POST", "/versions"))},
	{"a version is disabled, enabled and destroyed", "a destroyed version is 404, not 410",
		onResponses(func(a *http.Response) {
			if a.StatusCode == 410 {
				a.StatusCode = 404
			}
		})},
	{"a resource's etag stands in its header, too", "the header is lost", onResponses(func(a *http.Response) { a.Header.Del("ETag") })},
	{"a stale etag is 409 with the current one", "with another one",
		reword(onPath("PATCH", ""), func(text string) string {
			if strings.Contains(text, "ABORTED") {
				return etagField.ReplaceAllString(text, `"etag":"0"`)
			}
			return text
		})},
	{"an undelete that is sent again is a success", "the key is lost", without("Idempotency-Key", onPath("POST", ":undelete"))},
	{"of two undeletes with one etag, one takes effect", "both get a success",
		onResponses(func(a *http.Response) {
			if a.StatusCode == 409 && strings.HasSuffix(a.Request.URL.Path, ":undelete") {
				replaceBody(a, 200, `{"etag":"0"}`)
			}
		})},
	{"a deleted secret cannot be read, is listed, and comes back", "the state filter is ignored",
		onRequests(func(r *http.Request) { r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "&state=soft_deleted", "") })},
	{"a hard-deleted secret is gone for every operation", "its versions are listed",
		onResponses(func(a *http.Response) {
			if a.StatusCode == 404 && strings.HasSuffix(a.Request.URL.EscapedPath(), "/versions") {
				replaceBody(a, 200, `{"data":[]}`)
			}
		})},
	{"a value of 65,536 bytes is kept, and a longer one refused", "it is cut", onRequests(shorten)},
}

// elsewhere lists the promises that other tests break, and those that cannot be broken here, and why.
var elsewhere = map[string]string{
	"the service answers, and takes the token":   "TestATokenThatIsRefused…",
	"browsers are told to stay with HTTPS":       "TestHTTPSIs…",
	"the gateway's own address is closed":        "TestWhatTheSmokeTestMayReach…",
	"the audit trail tells all of it":            "TestWhatTheSmokeTestMayReach…",
	"the colon form reaches undelete and access": "all checks need it",
	"a header's name may be spelled in any case": "net/http spells them alike before anybody sees them",
	"plain HTTP is not served":                   "no server here has one port for both",
	"a secret is purged after its deadline":      "it is not a check",

	"a stored credential is validated by the schedule": "TestASchedule…",

	"DynamoDB expires what is past its deadline":                        "infra/ops/smoke plays AWS: TestWhatIsDeployedOtherwise…",
	"the table's stream calls its functions, by the template's filters": "infra/ops/smoke plays AWS: TestWhatIsDeployedOtherwise…",
}

// tried returns the broken deployments of a test run: one in five, or with SMOKE=all each.
func tried() (few []deployment) {
	for i, c := range broken {
		if i%5 == 0 || os.Getenv("SMOKE") == "all" {
			few = append(few, c)
		}
	}
	return few
}

// share is how many deployments share a stack: an engine's stream makes each write slower than the one
// before.
const share = 7

func TestABrokenPromiseFailsItsCheckAndNoOther(t *testing.T) {
	t.Parallel()
	for some := range slices.Chunk(tried(), share) {
		l := newCheckout(t).start()
		for i, c := range some {
			token := l.tokenOf(fmt.Sprint("ws_broken_", i))
			t.Run(c.promise+"/"+c.how, func(t *testing.T) {
				l.smoke(t, inFront(t, l, c.spoil), token).wantFailed(c.promise)
				l.wantEmpty(t, token)
			})
		}
	}
}

func TestWhatTheSmokeTestMayReachIsHeldToItsPromises(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	l.smoke(t, l.base, l.token, "DIRECT_URL="+strings.TrimSuffix(l.base, "/v1")).
		wantFailed("the gateway's own address is closed")

	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"Items":[],"Count":0,"ScannedCount":0}`))
	}))
	defer silent.Close()
	l.smoke(t, l.base, l.token, envfile.Audit+"=AuditTable", envfile.DynamoDB+"="+silent.URL).
		wantFailed("the audit trail tells all of it")
	l.wantEmpty(t, l.token)
}

func TestASecretThatCannotBeCleanedUpIsNamed(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	spoil := onRequests(func(r *http.Request) { r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "force=true", "") })
	failed := l.smoke(t, inFront(t, l, spoil), l.token).promises("FAIL")
	if !slices.Contains(failed, "a hard-deleted secret is gone for every operation") || !slices.Contains(failed, "clean up") {
		t.Errorf("failed: %q", failed)
	}
}

func TestATokenThatIsRefusedEndsTheSmokeTestAtOnce(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	got := l.smoke(t, l.base, "sk_akua_nobody_knows_this_one")
	got.wantFailed("the service answers, and takes the token")
	if ok := got.promises("ok"); len(ok) != 0 {
		t.Errorf("it went on: %q", ok)
	}
}
