package api_test

import (
	"strings"
	"testing"
)

func TestAnUpdateChangesWhatItNamesAndNothingElse(t *testing.T) {
	s := start(t)
	id := s.create()
	a := s.update(id, "1", `{"name":"new","description":"d","labels":{"a":"b"},"mime_type":"text/plain","version_aliases":{"prod":1}}`).want(200)
	b := s.update(id, a.str("etag"), `{"name":"newer"}`).want(200)
	if b.str("name") != "newer" || b.str("description") != "d" || b.str("mime_type") != "text/plain" {
		t.Errorf("now %s", b.text)
	}
	if b.json["labels"].(map[string]any)["a"] != "b" || b.json["version_aliases"].(map[string]any)["prod"] != 1.0 {
		t.Errorf("now %s", b.text)
	}
	if b.str("etag") == a.str("etag") || a.str("etag") == "1" {
		t.Error("the etag did not change")
	}
	if got := s.call("access-secret-version", request{id: id}).str("value"); got != plaintext {
		t.Error("the value has changed")
	}
}

func TestAnEmptyFieldIsTakenAwayAndANullOneLeft(t *testing.T) {
	s := start(t)
	id := s.create()
	s.update(id, "1", `{"description":"d","labels":{"a":"b"},"mime_type":"m","version_aliases":{"prod":1}}`).want(200)
	a := s.update(id, "2", `{"description":null,"labels":null,"mime_type":null,"version_aliases":null,"name":"n"}`).want(200)
	for _, field := range []string{"description", "labels", "mime_type", "version_aliases"} {
		if _, there := a.json[field]; !there {
			t.Errorf("null took %s away", field)
		}
	}
	a = s.update(id, "3", `{"description":"","labels":{},"mime_type":"","version_aliases":{}}`).want(200)
	for _, field := range []string{"description", "labels", "mime_type", "version_aliases"} {
		if _, there := a.json[field]; there {
			t.Errorf("%s is still there", field)
		}
	}
}

func TestEachFaultOfAnUpdateNamesItsField(t *testing.T) {
	s := start(t)
	id := s.create()
	for text, paths := range map[string]string{
		`{}`:                                     "body",
		`null`:                                   "body",
		`{"name":null}`:                          "body",
		`{"name":""}`:                            "body.name",
		`{"name":"` + strings.Repeat("x", 201):   "body",
		`{"value":"x"}`:                          "body.value",
		`{"kind":"generic","state":"active"}`:    "body.kind body.state",
		`{"mime_type":` + text(101, "x") + `}`:   "body.mime_type",
		`{"description":` + text(501, "x") + `}`: "body.description",
		`{"labels":7}`:                           "body.labels",
	} {
		a := s.update(id, "1", text)
		a.fault(400, 7001)
		if got := strings.Join(a.paths(), " "); got != paths {
			t.Errorf("%.60s: paths %s, want %s", text, got, paths)
		}
	}
	if got := s.call("get-secret", request{id: id}).str("etag"); got != "1" {
		t.Error("a refused update changed the secret")
	}
}

func TestAStaleOrLostUpdate(t *testing.T) {
	s := start(t)
	id := s.create()
	if m := s.update(id, "7", `{"name":"x"}`).conflict("ABORTED"); m["etag"] != "1" {
		t.Errorf("current etag %v", m["etag"])
	}
	// Stale, and with an alias of no version: the error is the etag's, because the alias may be right by then.
	s.update(id, "7", `{"version_aliases":{"a":9}}`).conflict("ABORTED")

	s.loseResponsesTo("dynamodb:UpdateItem", 1)
	if a := s.update(id, "1", `{"name":"x"}`).want(200); a.str("etag") != "2" {
		t.Errorf("etag %s", a.str("etag"))
	}
	s.cloud.Hook(nil)
	s.cloud.ResetCalls()
	s.update(id, "2", `{"name":"y","version_aliases":{"a":1}}`).want(200)
	s.wantCalls("dynamodb:UpdateItem")
}
