package api_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestWhatIsWrongWithABodyIsToldWithItsPlaceAndNotItsContent(t *testing.T) {
	s := start(t)
	for text, want := range map[string]string{
		"{\"name\":\"\xff\"}":                "must be JSON in UTF-8: byte 9 is not UTF-8",
		"{\"name\":\"\xed\xa0\x80\"}":        "must be JSON in UTF-8: byte 9 is not UTF-8",
		`{"name":`:                           "must be a JSON object: the JSON breaks at byte 8",
		`{"name" "hunter2"}`:                 "must be a JSON object: the JSON breaks at byte 8",
		`{"name":1,"hunter2":1,"hunter2":2}`: "must not name a field twice: byte 22 begins a name again",
		`{} {"hunter2":1}`:                   "must be one JSON object and nothing after it: it ends at byte 2",
		`"hunter2"`:                          "must be a JSON object",
		"":                                   "must be a JSON object: the JSON breaks at byte 0",
	} {
		if got := s.call("create-secret", request{body: &text}).fault(400, 7001)["message"]; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	a := s.call("create-secret", request{body: body(fields(map[string]string{"labels": `{"a":"1","b":null,"c":7}`}))})
	if m, _ := a.fault(400, 7001)["metadata"].(map[string]any); m["key"] != "c" {
		t.Errorf("the label that is no string is told as %v", m)
	}
}

func TestABodyThatWasChangedOnItsWayIsRefused(t *testing.T) {
	s := start(t)
	sent := "{\"name\":\"n\",\"kind\":\"generic\",\"value\":\"\xff\xfe\"}"
	came := strings.ToValidUTF8(sent, "\ufffd")
	a := s.call("create-secret", request{headers: with("content-length", fmt.Sprint(len(sent))), body: &came})
	a.fault(400, 7001)
	if got := a.paths(); !slices.Equal(got, []string{"body"}) {
		t.Errorf("paths %v", got)
	}
	s.call("create-secret", request{headers: with("content-length", fmt.Sprint(len(came))), body: &came}).want(201)
	// A length that tells nothing of the text stops nobody: a proxy in between may have counted otherwise.
	s.call("create-secret", request{headers: with("content-length", "7"), body: body(createBody)}).want(201)
}

func TestABodyThatTheGatewayEncodedIsRead(t *testing.T) {
	s := start(t)
	event := s.event("create-secret", request{})
	event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(createBody)), true
	if response, _ := s.operations["create-secret"](t.Context(), event); response.StatusCode != 201 {
		t.Errorf("%d %s", response.StatusCode, response.Body)
	}
	event.Body = "%"
	if response, _ := s.operations["create-secret"](t.Context(), event); response.StatusCode != 400 {
		t.Errorf("%d %s", response.StatusCode, response.Body)
	}
}

func TestTheLargestCreateIsTakenWithEveryCharacterEscaped(t *testing.T) {
	s := start(t)
	secret := strings.Repeat("~", 65_536)
	full := `{"` + escaped("name") + `":"` + escaped(strings.Repeat("𝄞", 200)) +
		`","` + escaped("kind") + `":"` + escaped("oci_registry") +
		`","` + escaped("description") + `":"` + escaped(strings.Repeat("𝄞", 500)) +
		`","` + escaped("username") + `":"` + escaped(strings.Repeat("𝄞", 256)) +
		`","` + escaped("labels") + `":` + labels(200, 16<<10, true) +
		`,"` + escaped("value") + `":"` + escaped(secret) + `"}`
	a := s.call("create-secret", request{body: &full}).want(201)
	if got := s.call("access-secret-version", request{id: a.str("id")}).want(200).str("value"); got != secret {
		t.Error("the value came back another")
	}
	padded := createBody + strings.Repeat(" ", 1<<20-len(createBody))
	s.call("create-secret", request{body: &padded}).want(201)
	padded += " "
	s.call("create-secret", request{body: &padded}).fault(400, 7001)
}
