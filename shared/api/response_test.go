package api_test

import (
	"strings"
	"testing"
)

// answer is what came back.
type response struct {
	t       testing.TB
	status  int
	headers map[string]string
	text    string
	json    map[string]any
}

func (a response) want(status int) response {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d; body %s", a.status, status, a.text)
	}
	return a
}

// fault checks that the answer is an error envelope with this code, and returns its first error.
func (a response) fault(status int, code float64) map[string]any {
	a.t.Helper()
	a.want(status)
	errs, _ := a.json["errors"].([]any)
	if a.json["success"] != false || len(errs) == 0 || len(a.json["result"].(map[string]any)) != 0 {
		a.t.Fatalf("not the error envelope: %s", a.text)
	}
	first := errs[0].(map[string]any)
	if first["code"] != code {
		a.t.Fatalf("code %v, want %v; body %s", first["code"], code, a.text)
	}
	return first
}

// conflict checks for a 409 and returns its metadata.
func (a response) conflict(reason string) map[string]any {
	a.t.Helper()
	metadata, _ := a.fault(409, 7006)["metadata"].(map[string]any)
	if metadata["reason"] != reason {
		a.t.Fatalf("reason %v, want %s", metadata["reason"], reason)
	}
	return metadata
}

// paths lists what the answer's errors name, such as "body.name".
func (a response) paths() []string {
	var out []string
	for _, e := range a.json["errors"].([]any) {
		var path []string
		parts, _ := e.(map[string]any)["path"].([]any)
		for _, part := range parts {
			path = append(path, part.(string))
		}
		out = append(out, strings.Join(path, "."))
	}
	return out
}

func (a response) str(field string) string {
	a.t.Helper()
	text, ok := a.json[field].(string)
	if !ok {
		a.t.Fatalf("%s is no string in %s", field, a.text)
	}
	return text
}

func TestNoAnswerAboutASecretMayBeKept(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, operation := range []string{"get-secret", "list-secrets", "list-secret-versions", "access-secret-version"} {
		if a := s.call(operation, request{id: id}); a.headers["Cache-Control"] != "no-store" {
			t.Errorf("%s: Cache-Control %q", operation, a.headers["Cache-Control"])
		}
	}
	if a := s.call("get-secret", request{id: "sec_none"}); a.headers["Cache-Control"] != "no-store" {
		t.Errorf("an error: Cache-Control %q", a.headers["Cache-Control"])
	}
}
