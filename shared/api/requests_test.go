package api_test

import (
	"fmt"
	"strings"
)

// create makes a secret that holds plaintext and returns its id.
func (s *service) create() string {
	s.t.Helper()
	return s.call("create-secret", request{body: body(createBody)}).want(201).str("id")
}

const createBody = `{"name":"db","kind":"generic","value":"` + plaintext + `"}`

// deleted makes a secret and soft-deletes it: its etag is 2.
func (s *service) deleted() string {
	s.t.Helper()
	id := s.create()
	s.call("delete-secret", request{id: id, headers: with("if-match", "1")}).want(204)
	return id
}

// fields makes a create's body of a good one with some fields replaced; "-" takes a field out.
func fields(replace map[string]string) string {
	all := map[string]string{"name": `"db"`, "kind": `"generic"`, "value": `"` + plaintext + `"`}
	for name, value := range replace {
		all[name] = value
	}
	var parts []string
	for name, value := range all {
		if value != "-" {
			parts = append(parts, fmt.Sprintf("%q:%s", name, value))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func text(n int, character string) string { return `"` + strings.Repeat(character, n) + `"` }

func (s *service) createOf(kind string) string {
	s.t.Helper()
	return s.call("create-secret", request{body: body(fields(map[string]string{"kind": `"` + kind + `"`}))}).want(201).str("id")
}

func (s *service) update(id, etag, text string) response {
	s.t.Helper()
	return s.call("update-secret", request{id: id, headers: with("if-match", etag), body: &text})
}

func (s *service) rename(id, etag, name string) response {
	s.t.Helper()
	return s.call("update-secret", request{id: id, headers: with("if-match", etag), body: body(`{"name":"` + name + `"}`)})
}

func (s *service) delete(id, etag string) response {
	s.t.Helper()
	return s.call("delete-secret", request{id: id, headers: with("if-match", etag)})
}

func (s *service) undelete(id, etag string, key ...string) response {
	s.t.Helper()
	r := request{id: id, headers: with("if-match", etag)}
	if len(key) > 0 {
		r.headers["idempotency-key"] = key[0]
	}
	return s.call("undelete-secret", r)
}

func (s *service) hardDelete(id, etag string) response {
	s.t.Helper()
	return s.call("delete-secret", request{id: id, headers: with("if-match", etag), query: with("force", "true")})
}

// version makes one more version with this value and returns it.
func (s *service) version(id, value string) response {
	s.t.Helper()
	return s.call("create-secret-version", request{id: id, body: body(`{"value":"` + value + `"}`)}).want(201)
}

// change enables, disables or destroys a version with its current etag.
func (s *service) change(operation, id, vid string) response {
	s.t.Helper()
	etag := s.call("get-secret-version", request{id: id, vid: vid}).want(200).str("etag")
	return s.call(operation, request{id: id, vid: vid, headers: with("if-match", etag)})
}

func (s *service) changeVersion(verb, vid, id, etag, key string) response {
	s.t.Helper()
	return s.call(verb+"-secret-version", request{id: id, vid: vid, headers: with("if-match", etag, "idempotency-key", key)})
}

// etag is the secret's as it is now.
func (s *service) etag(id string) string {
	return s.call("get-secret", request{id: id}).want(200).str("etag")
}

func firstVersionOf(id string) string { return "secv_" + strings.TrimPrefix(id, "sec_") + "_1" }

// aliased makes a secret with two versions, of which the alias prod names the first.
func (s *service) aliased() string {
	s.t.Helper()
	id := s.create()
	s.version(id, "second")
	s.update(id, "2", `{"version_aliases":{"prod":1}}`).want(200)
	return id
}

func (s *service) pointProd(id string, number int) {
	s.update(id, s.etag(id), fmt.Sprintf(`{"version_aliases":{"prod":%d}}`, number)).want(200)
}

// callUnknown sends a GET, say, to what no route takes.
func (s *service) callUnknown(path string) response {
	s.t.Helper()
	event := s.event("reject-unknown-route", request{})
	event.RawPath = path
	result, err := s.operations["reject-unknown-route"](s.t.Context(), event)
	if err != nil {
		s.t.Fatal(err)
	}
	return response{t: s.t, status: result.StatusCode, headers: result.Headers, text: result.Body}
}
