package api_test

import (
	"maps"
	"strings"
	"testing"

	"keepsake/shared/api"
)

// exchange is a request for an operation, and an answer to it.
type exchange struct {
	operation string
	event     api.Event
	response  api.Result
}

// good are exchanges in which everything is as the document says.
func good() map[string]exchange {
	path := map[string]string{"id": "sec_1"}
	caller := with("authorization", "Bearer sk_akua_x", "if-match", "1")
	headers := with("Cache-Control", "no-store", "Content-Type", "application/json", "ETag", `"1"`)
	fault := with("Cache-Control", "no-store", "Content-Type", "application/json")
	later := with("Cache-Control", "no-store", "Content-Type", "application/json", "Retry-After", "2")
	return map[string]exchange{
		"get": {"get-secret", api.Event{PathParameters: path, Headers: caller}, api.Result{
			StatusCode: 200, Headers: headers,
			Body: `{"id":"sec_1","html_url":"https://x","workspace_id":"ws_1","name":"n","kind":"generic","state":"active","validation":null,` +
				`"version_count":1,"enabled_version_count":1,"created_at":1,"updated_at":1,"etag":"1"}`,
		}},
		"delete": {"delete-secret", api.Event{PathParameters: path, Headers: caller},
			api.Result{StatusCode: 204, Headers: with("Cache-Control", "no-store", "ETag", `"2"`)}},
		"refusal": {"create-secret", api.Event{Headers: caller, Body: `{"name":"","kind":"generic","value":"x"}`},
			api.Result{StatusCode: 400, Headers: fault, Body: `{"success":false,"errors":[{"code":7001,"message":"m","path":["body","name"]}],"result":{}}`}},
		"outage": {"get-secret", api.Event{PathParameters: path, Headers: caller},
			api.Result{StatusCode: 503, Headers: later, Body: `{"success":false,"errors":[{"code":7011,"message":"m"}],"result":{}}`}},
	}
}

func TestWhatIsAsTheDocumentSaysPasses(t *testing.T) {
	for name, e := range good() {
		if faults := readingDocument(t).faults(e.operation, e.event, e.response); len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

func TestWhatIsNotAsTheDocumentSaysIsFound(t *testing.T) {
	replace := func(old, new string) func(*exchange) {
		return func(e *exchange) {
			if !strings.Contains(e.response.Body, old) {
				t.Fatalf("there is no %s in %s", old, e.response.Body)
			}
			e.response.Body = strings.Replace(e.response.Body, old, new, 1)
		}
	}
	header := func(name, value string) func(*exchange) {
		return func(e *exchange) {
			e.response.Headers[name] = value
			maps.DeleteFunc(e.response.Headers, func(_, v string) bool { return v == "" })
		}
	}
	asked := func(change func(*api.Event)) func(*exchange) { return func(e *exchange) { change(&e.event) } }
	cases := []struct {
		name, good string
		change     func(*exchange)
	}{
		{"a field that is not described", "get", replace(`"id"`, `"value":"x","id"`)},
		{"a field that is missing", "get", replace(`"validation":null,`, ``)},
		{"a field that is null", "get", replace(`"id"`, `"description":null,"id"`)},
		{"a soft-deleted secret without a deadline", "get", replace(`"active"`, `"soft_deleted"`)},
		{"an active secret with a deadline", "get", replace(`"id"`, `"purge_at":5,"id"`)},
		{"a number as a string", "get", replace(`"created_at":1`, `"created_at":"1"`)},
		{"no ETag", "get", header("ETag", "")},
		{"a bare ETag", "get", header("ETag", "1")},
		{"an answer that caches may keep", "get", header("Cache-Control", "public")},
		{"a header that is not described", "get", header("X-Internal", "1")},
		{"another type", "get", header("Content-Type", "text/plain")},
		{"a status that is not described", "get", func(e *exchange) { e.response.StatusCode = 202 }},
		{"a body where there is none", "delete", func(e *exchange) { e.response.Body = "{}" }},
		{"a code of another status", "outage", replace("7011", "7009")},
		{"a scope that is not described", "outage", func(e *exchange) {
			e.response.StatusCode = 403
			delete(e.response.Headers, "Retry-After")
			e.response.Body = `{"success":false,"errors":[{"code":7004,"message":"m","metadata":{"scope":"secrets:write"}}],"result":{}}`
		}},
		{"no Retry-After", "outage", header("Retry-After", "")},
		{"success in an error", "outage", replace("false", "true")},
		{"an error that says nothing of a path", "refusal", replace(`,"path":["body","name"]`, "")},
		{"a path that begins elsewhere", "refusal", replace(`"body"`, `"nowhere"`)},
		{"a good request refused", "refusal", asked(func(r *api.Event) { r.Body = `{"name":"n","kind":"generic","value":"x"}` })},
		{"a missing If-Match taken", "delete", asked(func(r *api.Event) { delete(r.Headers, "if-match") })},
		{"a long If-Match taken", "delete", asked(func(r *api.Event) { r.Headers["if-match"] = strings.Repeat("x", 257) })},
		{"a long id taken", "get", asked(func(r *api.Event) { r.PathParameters = with("id", strings.Repeat("é", 55)) })},
		{"no credential taken", "get", asked(func(r *api.Event) { delete(r.Headers, "authorization") })},
		{"a bad flag taken", "delete", asked(func(r *api.Event) { r.QueryStringParameters = with("force", "yes") })},
		{"an empty flag taken", "delete", asked(func(r *api.Event) { r.QueryStringParameters = with("force", "") })},
		{"a field taken where there is none", "delete", asked(func(r *api.Event) { r.Body = `{"etag":"1"}` })},
	}
	for _, c := range cases {
		e := good()[c.good]
		c.change(&e)
		if faults := readingDocument(t).faults(e.operation, e.event, e.response); len(faults) == 0 {
			t.Errorf("%s is not found", c.name)
		}
	}
}
