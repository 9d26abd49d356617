package api_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/auth"
)

func slogTo(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

// TestNoValueLeaks takes a value through good and bad requests, with backends up and down, and
// looks for it in every place but the one where it belongs: the body of an access.
func TestNoValueLeaks(t *testing.T) {
	s := start(t)
	var wires bytes.Buffer
	var writing sync.Mutex // a create asks KMS two things at once
	var responses []string
	record := func(a response) { responses = append(responses, a.text) }
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		writing.Lock()
		defer writing.Unlock()
		wires.Write(c.Body)
		return wire.Pass()
	})

	key := with("idempotency-key", "k1")
	made := s.call("create-secret", request{headers: key, body: body(createBody)})
	record(made)
	id := made.str("id")
	record(s.call("create-secret", request{headers: key, body: body(strings.Replace(createBody, "db", "x", 1))}))
	record(s.call("create-secret", request{body: body(strings.Replace(createBody, "generic", "none", 1))}))
	record(s.call("create-secret", request{body: body(createBody + "}")}))
	record(s.call("create-secret", request{body: body(strings.Replace(createBody, `"value":`, `"value":7,"value":`, 1))}))
	record(s.call("create-secret", request{body: body(strings.Replace(createBody, `"value":`, `"walue":`, 1))}))
	record(s.call("get-secret", request{id: id}))
	s.call("access-secret-version", request{id: id}).want(200)
	s.fail("dynamodb", wire.LoseRequest())
	record(s.call("create-secret", request{body: body(createBody)}))
	record(s.call("access-secret-version", request{id: id}))
	s.cloud.Hook(nil)

	tables := s.tables()
	places := map[string]string{
		"a response": strings.Join(responses, "\n"), "the log": s.log.String(),
		"the wire": wires.String(), "a table": tables,
	}
	spellings := []string{
		plaintext,
		base64.StdEncoding.EncodeToString([]byte(plaintext)),
		strings.TrimPrefix(s.token, "sk_akua_"),
	}
	for where, content := range places {
		for _, spelling := range spellings {
			if strings.Contains(content, spelling) {
				t.Errorf("a value or a token is in %s", where)
			}
		}
	}
	if len(s.log.String()) == 0 || wires.Len() == 0 || len(tables) < 1000 {
		t.Fatal("there was nothing to look through")
	}
}

// TestAValueInAWrongPlaceIsNotLogged puts a value wherever a client can put it by mistake.
// That is refused, and the log has the refusal without the value.
func TestAValueInAWrongPlaceIsNotLogged(t *testing.T) {
	const value = "correct-horse-battery-staple"
	s := start(t)
	id := s.create()
	named := body(`{"name":"db","kind":"generic","value":"x","` + value + `":"x"}`)
	labelled := body(`{"name":"db","kind":"generic","value":"x","labels":{"` + value + `":7}}`)
	for name, c := range map[string]struct {
		operation string
		request   request
	}{
		"the id":              {"get-secret", request{id: value}},
		"the id of a secret":  {"get-secret", request{id: "sec_" + value}},
		"the version":         {"access-secret-version", request{id: id, vid: value}},
		"the name":            {"access-named-version", request{name: value}},
		"the named's version": {"access-named-version", request{name: "db", vid: value}},
		"a header":            {"update-secret", request{id: id, headers: with("if-match", value), body: body(`{"name":"n"}`)}},
		"the context":         {"get-secret", request{id: id, headers: with("akua-context", value)}},
		"the trace":           {"get-secret", request{id: id, headers: with("traceparent", "00-"+value+"-00f067aa0ba902b7-01")}},
		"the credential":      {"get-secret", request{id: id, headers: with("authorization", "Bearer sk_akua_"+value)}},
		"the origin's key":    {"get-secret", request{id: id, headers: with("x-origin-key", value)}},
		"the address":         {"get-secret", request{id: id, headers: with("x-viewer-address", value)}},
		"a query":             {"list-secrets", request{query: with("kind", value, "cursor", value, "limit", value)}},
		"a field's name":      {"create-secret", request{body: named}},
		"a label's name":      {"create-secret", request{body: labelled}},
		"an alias":            {"update-secret", request{id: id, headers: with("if-match", "1"), body: body(`{"version_aliases":{"` + value + `":0}}`)}},
		"an alias to nothing": {"update-secret", request{id: id, headers: with("if-match", "1"), body: body(`{"version_aliases":{"` + value + `":9}}`)}},
		"a provider":          {"validate-token", request{body: body(`{"provider":"` + value + `","token":"` + value + `"}`)}},
	} {
		s.log.Reset()
		s.call(c.operation, c.request)
		if log := s.log.String(); strings.Contains(log, value) || log == "" {
			t.Errorf("%s: the log says %s", name, log)
		}
	}
}

func TestAValueInThePlaceOfAVersionIsNotKeptInTheTrail(t *testing.T) {
	s := start(t)
	id := s.create()
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Read}})
	s.call("access-secret-version", request{id: id, vid: plaintext}).want(403)
	s.call("access-secret-version", request{id: id, vid: "stable"}).want(403)
	var versions []any
	for _, line := range s.trail() {
		versions = append(versions, line["version"])
	}
	if !slices.Contains(versions, any("stable")) || !slices.Contains(versions, any(nil)) || len(versions) != 2 {
		t.Errorf("the lines name the versions %v", versions)
	}
	if strings.Contains(s.tables(), plaintext) {
		t.Error("the value is in a table")
	}
}
