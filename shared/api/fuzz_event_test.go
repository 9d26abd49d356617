package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"keepsake/shared/api"
)

// maxResponse is the longest response, in bytes, that Lambda hands on.
const maxResponse = 6 << 20

// FuzzEvent sends what a client can send, part by part, to every operation: the whole edge, over real
// tables. {id}, {vid} and {etag} stand for those of an existing secret. A seed that found a fault stays
// in testdata/fuzz after the fault is fixed.
func FuzzEvent(f *testing.F) {
	w := newWitness(f)
	for i, operation := range w.names {
		sample := w.event(operation, request{})
		f.Add(byte(i), "{id}", "{vid}", "", "if-match: {etag}", sample.Body, false)
	}
	for _, seed := range []struct{ operation, id, vid, query, headers, body string }{
		{"list-secrets", "", "", "limit=1&kind=generic&cursor=AAAAAAAAAAAAAAA", "", ""},
		{"list-secrets", "", "", "limit=1e2&state=soft_deleted", "", "{}"},
		{"list-secret-versions", "{id}", "", "limit=100&state=enabled", "", "null"},
		{"delete-secret", "{id}", "", "force=true", `if-match: "{etag}"`, ""},
		{"access-secret-version", "{id}", "stable", "", "if-none-match: *", `{"x":1}`},
		{"create-secret", "", "", "", "idempotency-key: k", `{"name":"n","kind":"aws","value":"` + marker + `"}`},
		{"create-secret", "", "", "", "", `{"name":"n","kind":"oci_registry","username":"u","value":"` + marker + `","labels":{"a":null}}`},
		{"create-secret-version", "{id}", "", "", "idempotency-key: k", `{"value":"` + marker + `","comment":"\u0000"}`},
		{"update-secret", "{id}", "", "", "if-match: {etag}", `{"labels":{"a":"b"},"version_aliases":{"a":1,"b":9},"name":"","mime_type":null}`},
		{"undelete-secret", "{id}", "", "", "if-match: 2\nidempotency-key: k", ""},
		{"enable-secret-version", "{id}", "{vid}", "", "if-match: 1000000001\nidempotency-key: k\ntraceparent: 00-x-y-01", ""},
		{"validate-token", "", "", "", "akua-context: ws_other", `{"provider":"hcloud","token":"` + marker + `"}`},
		{"get-secret", "sec_%3Aundelete", "", "", "authorization: Bearer a.b.c\nx-viewer-address: ::1", ""},
	} {
		f.Add(byte(slices.Index(w.names, seed.operation)), seed.id, seed.vid, seed.query, seed.headers, seed.body, false)
	}
	f.Fuzz(func(t *testing.T, operation byte, id, vid, query, headers, body string, encoded bool) {
		w.t = t
		name := w.names[int(operation)%len(w.names)]
		event := w.event(name, request{})
		event.PathParameters = map[string]string{"id": w.fill(id), "vid": w.fill(vid)}
		event.QueryStringParameters = pairs(query, "&", "=")
		maps.Copy(event.Headers, pairs(w.fill(headers), "\n", ": "))
		event.Body, event.IsBase64Encoded = w.fill(body), encoded
		w.send(t, name, event)
	})
}

// FuzzWholeEvent sends any event at all, with the key of the distribution.
func FuzzWholeEvent(f *testing.F) {
	w := newWitness(f)
	for i, operation := range w.names {
		text, err := json.Marshal(w.event(operation, request{}))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), []byte(strings.ReplaceAll(string(text), w.token, "{token}")))
	}
	f.Add(byte(0), []byte(`{"headers":null,"body":"{}"}`))
	f.Add(byte(0), []byte(`null`))
	f.Fuzz(func(t *testing.T, operation byte, text []byte) {
		w.t = t
		var event api.Event
		if json.Unmarshal([]byte(w.fill(string(text))), &event) != nil {
			t.Skip("the gateway sends JSON")
		}
		if event.Headers == nil {
			event.Headers = map[string]string{}
		}
		event.Headers["x-origin-key"] = os.Getenv("ORIGIN_KEY")
		w.send(t, w.names[int(operation)%len(w.names)], event)
	})
}

// pairs reads "a=b&c=d".
func pairs(text, between, within string) map[string]string {
	out := map[string]string{}
	for pair := range strings.SplitSeq(text, between) {
		if name, value, ok := strings.Cut(pair, within); ok && name != "" {
			out[name] = value
		}
	}
	return out
}

// marker is the value that seeds have: it must come back from an access alone.
const marker = "hunter2-hunter2-hunter2"

// witness sends events and checks the responses.
type witness struct {
	*service
	names    []string // of the operations
	document *document
	id, etag string // of a secret that is there
}

func newWitness(f *testing.F) *witness {
	s := launch(f)
	s.build()
	d, err := readDocument()
	if err != nil {
		f.Fatal(err)
	}
	return &witness{service: s, names: slices.Sorted(maps.Keys(s.operations)), document: d}
}

// fill puts a real secret's names into text. A change may have taken the last one away.
func (w *witness) fill(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	if w.id == "" {
		w.id = w.create()
	}
	if strings.Contains(text, "{etag}") {
		w.etag = w.etagOf(w.id)
	}
	return strings.NewReplacer("{id}", w.id, "{vid}", firstVersionOf(w.id), "{etag}", w.etag, "{token}", w.token).Replace(text)
}

func (w *witness) send(t *testing.T, operation string, event api.Event) {
	w.log.Reset()
	response, err := w.operations[operation](t.Context(), event)
	if err != nil {
		t.Fatalf("%s returns an error instead of a response: %v", operation, err)
	}
	if response.StatusCode < 300 && operation != "get-secret" {
		w.id = ""
	}
	for _, fault := range w.faults(operation, event, response) {
		t.Errorf("%s: %s", operation, fault)
	}
}

// faults lists what is wrong with a response, whatever the request was.
func (w *witness) faults(operation string, event api.Event, response api.Result) []string {
	var out []string
	if response.StatusCode >= 500 && !(response.StatusCode == 503 && operation == "validate-token") { // there is no provider
		out = append(out, fmt.Sprintf("it returns %d: %s", response.StatusCode, w.log.String()))
	}
	if len(response.Body) > maxResponse {
		out = append(out, fmt.Sprintf("the response has %d bytes", len(response.Body)))
	}
	where, _ := json.Marshal(event)
	if strings.Count(string(where), marker) == 1 && strings.Contains(event.Body, `"`+marker+`"`) &&
		strings.Contains(response.Body+w.log.String(), marker) && !named(event.Body) {
		out = append(out, "the value is in the response")
	}
	described, ok := w.document.endpoints[operation]
	if !ok {
		return out // a page
	}
	asked, _ := described.request(event)
	return slices.Concat(out, w.document.responseFaults(described, asked, response), described.headerFaults(response), described.scopeFaults(response))
}

// named reports whether a response may quote the marker: it may if the marker is not a value in body.
func named(body string) bool {
	var fields map[string]any
	if json.Unmarshal([]byte(body), &fields) != nil {
		return true
	}
	return fields["value"] != marker && fields["token"] != marker
}
