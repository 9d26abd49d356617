package api_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestEachFaultOfACreateNamesItsFieldAndNothingIsWritten(t *testing.T) {
	s := start(t)
	many := make([]string, 201)
	for i := range many {
		many[i] = fmt.Sprintf(`"k%d":""`, i)
	}
	cases := []struct {
		name   string
		fields map[string]string
		paths  string
	}{
		{"no name", map[string]string{"name": "-"}, "body.name"},
		{"a null name", map[string]string{"name": "null"}, "body.name"},
		{"an empty name", map[string]string{"name": `""`}, "body.name"},
		{"a name too long", map[string]string{"name": text(201, "é")}, "body.name"},
		{"a name that is a number", map[string]string{"name": "7"}, "body.name"},
		{"a NUL in a name", map[string]string{"name": `"a\u0000b"`}, "body.name"},
		{"no kind", map[string]string{"kind": "-"}, "body.kind"},
		{"a kind of no kind", map[string]string{"kind": `"nope"`}, "body.kind"},
		{"a kind that is old", map[string]string{"kind": `"cloud_credential"`}, "body.kind"},
		{"no value", map[string]string{"value": "-"}, "body.value"},
		{"a value that is a number", map[string]string{"value": "7"}, "body.value"},
		{"an empty value", map[string]string{"value": `""`}, "body.value"},
		{"a value too long", map[string]string{"value": text(65_537, "x")}, "body.value"},
		{"a value too long in bytes", map[string]string{"value": text(32_769, "é")}, "body.value"},
		{"a webhook's value too short", map[string]string{"kind": `"webhook_signing"`, "value": text(15, "é")}, "body.value"},
		{"a description too long", map[string]string{"description": text(501, "x")}, "body.description"},
		{"labels that are a list", map[string]string{"labels": `[]`}, "body.labels"},
		{"a label that is a number", map[string]string{"labels": `{"a":1}`}, "body.labels"},
		{"a label that is null", map[string]string{"labels": `{"a":null}`}, "body.labels.a"},
		{"a label too long", map[string]string{"labels": `{"a":` + text(201, "x") + `}`}, "body.labels.a"},
		{"a label without a name", map[string]string{"labels": `{"":"x"}`}, "body.labels."},
		{"too many labels", map[string]string{"labels": "{" + strings.Join(many, ",") + "}"}, "body.labels"},
		{"a NUL in a label", map[string]string{"labels": `{"a":"\u0000"}`}, "body.labels.a"},
		{"an unknown field that is null", map[string]string{"valeu": "null"}, "body.valeu"},
		{"an unknown field", map[string]string{"valeu": `"x"`}, "body.valeu"},
		{"an access key id elsewhere", map[string]string{"aws_access_key_id": `"x"`}, "body.aws_access_key_id"},
		{"a user name elsewhere", map[string]string{"username": `"x"`}, "body.username"},
		{"all of it at once", map[string]string{"name": "-", "kind": `"nope"`, "value": "7", "extra": "1"}, "body.name body.kind body.value body.extra"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s.cloud.ResetCalls()
			a := s.call("create-secret", request{body: body(fields(c.fields))})
			a.fault(400, 7001)
			if got := strings.Join(a.paths(), " "); got != c.paths {
				t.Errorf("paths %s, want %s", got, c.paths)
			}
			for _, call := range s.cloud.Calls() {
				if call != "dynamodb:GetItem" {
					t.Errorf("a refused request made the call %s", call)
				}
			}
		})
	}
}

func TestTheLargestOfEverythingIsTaken(t *testing.T) {
	s := start(t)
	value := strings.Repeat("\u0001", 65_536)
	a := s.call("create-secret", request{body: body(fields(map[string]string{
		"name": text(200, "é"), "description": text(500, "é"),
		"value":  `"` + strings.Repeat(`\u0001`, 65_536) + `"`,
		"labels": `{` + text(200, "é") + `:` + text(200, "é") + `}`,
	}))}).want(201)
	if got := s.call("access-secret-version", request{id: a.str("id")}).want(200).str("value"); got != value {
		t.Error("the value came back another")
	}
}

// labels makes n labels whose names and values weigh so much together, in bytes of UTF-8, most of them
// in characters of four bytes. With escape, every character that can be is a \u escape.
func labels(n, weight int, escape bool) string {
	var parts []string
	for i := range n {
		share := weight/n + min(1, max(0, weight%n-i))
		name := fmt.Sprintf("%03d", i)
		value := strings.Repeat("𝄞", (share-len(name))/4) + strings.Repeat("x", (share-len(name))%4)
		if escape {
			name, value = escaped(name), escaped(strings.Repeat("x", share-len(name)))
		}
		parts = append(parts, `"`+name+`":"`+value+`"`)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// escaped spells each character as a \u escape, as some clients do.
func escaped(text string) string {
	var out strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&out, `\u%04x`, unit)
	}
	return out.String()
}

func TestLabelsWeighAtMostSixteenKiB(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, n := range []int{200, 100} {
		most := labels(n, 16<<10, false)
		s.call("create-secret", request{body: body(fields(map[string]string{"labels": most}))}).want(201)
		over := labels(n, 16<<10+1, false)
		refused := []answer{
			s.call("create-secret", request{body: body(fields(map[string]string{"labels": over}))}),
			s.update(id, "1", `{"labels":`+over+`}`),
		}
		for _, a := range refused {
			a.fault(400, 7001)
			if got := a.paths(); !slices.Equal(got, []string{"body.labels"}) {
				t.Errorf("%d labels: paths %v", n, got)
			}
		}
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

// many is n times pair, each with its number.
func many(n int, pair string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(pair, i)
	}
	return strings.Join(parts, ",")
}

func TestTenFaultsAreListedAndTheRestIsCounted(t *testing.T) {
	s := start(t)
	id := s.create()
	for name, c := range map[string]struct {
		operation, body string
		found           int
	}{
		"unknown fields": {"create-secret", `{"name":"n","kind":"generic","value":"v",` + many(68_000, `"u%d":1`) + "}", 68_000},
		"null labels":    {"create-secret", `{"name":"n","kind":"generic","value":"v","labels":{` + many(68_000, `"u%d":null`) + "}}", 68_001},
		"bad aliases":    {"update-secret", `{"version_aliases":{` + many(68_000, `"é%d":1`) + "}}", 68_001},
		"long names":     {"create-secret", `{"name":"n","kind":"generic","value":"v",` + many(11, `"%d`+strings.Repeat("<", 90_000)+`":1`) + "}", 11},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.call(c.operation, request{id: id, body: &c.body})
			a.fault(400, 7001)
			paths := a.paths()
			if len(paths) != 11 || paths[10] != "body" || len(a.text) > 64<<10 {
				t.Fatalf("%d faults in %d bytes", len(paths), len(a.text))
			}
			last := a.json["errors"].([]any)[10].(map[string]any)
			if want := fmt.Sprintf("%d faults in all: the first 10 are listed", c.found); last["message"] != want {
				t.Errorf("the last says %q, want %q", last["message"], want)
			}
		})
	}
}

func TestTenFaultsAreListedAndNotCounted(t *testing.T) {
	s := start(t)
	ten := s.call("create-secret", request{body: body(`{"name":"n","kind":"generic","value":"v",` + many(10, `"u%d":1`) + "}")})
	ten.fault(400, 7001)
	if got := ten.paths(); len(got) != 10 || got[9] != "body.u9" {
		t.Errorf("ten faults: paths %v", got)
	}
}

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

func TestAFieldOfAnotherKindMayBeNull(t *testing.T) {
	s := start(t)
	s.call("create-secret", request{body: body(fields(map[string]string{
		"aws_access_key_id": "null", "username": "null", "labels": "null", "description": "null",
	}))}).want(201)
}

func TestAWebhooksNextValueIsLongEnoughToo(t *testing.T) {
	s := start(t)
	id := s.createOf("webhook_signing")
	a := s.call("create-secret-version", request{id: id, body: body(`{"value":"too short"}`)})
	a.fault(400, 7001)
	if got := a.paths(); got[0] != "body.value" {
		t.Errorf("paths %v", got)
	}
	s.call("create-secret-version", request{id: id, body: body(`{"value":"` + plaintext + `"}`)}).want(201)
}

func TestCredentialKindsTakeTheFieldThatBelongsToThem(t *testing.T) {
	s := start(t)
	for _, good := range []map[string]string{
		{"kind": `"cloud_provider/aws"`, "aws_access_key_id": `"AKIA"`},
		{"kind": `"oci_registry"`, "username": `"robot"`},
		{"kind": `"webhook_signing"`, "value": text(16, "é")},
	} {
		a := s.call("create-secret", request{body: body(fields(good))}).want(201)
		if strings.Contains(a.text, "AKIA") || strings.Contains(a.text, "robot") {
			t.Error("what is sealed with the value is in the answer")
		}
	}
}

func TestABodyThatIsNoObjectNamesTheBody(t *testing.T) {
	s := start(t)
	bodies := map[string]string{
		"nothing":            "",
		"the client's null":  "null",
		"a list":             "[]",
		"a string":           `"x"`,
		"cut short":          `{"name":`,
		"two objects":        createBody + createBody,
		"a name twice":       `{"name":"a","name":"b","kind":"generic","value":"x"}`,
		"a label twice":      `{"name":"a","kind":"generic","value":"x","labels":{"a":"1","a":"2"}}`,
		"broken UTF-8":       "{\"name\":\"\xff\"}",
		"half a surrogate":   `{"name":"a","kind":"generic","value":"\ud800"}`,
		"a NUL byte":         "{\"name\":\"a\x00\"}",
		"too deep":           strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"more than is taken": `{"name":"` + strings.Repeat("x", 1<<20) + `"}`,
	}
	for name, text := range bodies {
		t.Run(name, func(t *testing.T) {
			a := s.call("create-secret", request{body: body(text)})
			a.fault(400, 7001)
			if got := a.paths(); !slices.Equal(got, []string{"body"}) {
				t.Errorf("paths %v", got)
			}
		})
	}
	if n := len(s.rowsOf("SecretsTable", "")); n != 0 {
		t.Errorf("%d rows were written", n)
	}
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

func TestOperationsWithoutABodyTakeNoneNullOrAnEmptyObject(t *testing.T) {
	s := start(t)
	for _, text := range []string{"", "null", " null ", "{}"} {
		s.call("undelete-secret", request{id: s.deleted(), headers: with("if-match", "2"), body: &text}).want(200)
	}
	for text, path := range map[string]string{`{"etag":"2"}`: "body.etag", "[": "body", "7": "body"} {
		a := s.call("undelete-secret", request{id: s.deleted(), headers: with("if-match", "2"), body: &text})
		a.fault(400, 7001)
		if got := a.paths(); got[0] != path {
			t.Errorf("%s: paths %v", text, got)
		}
	}
}
