package api_test

import "testing"

// TestAKeyIsRefusedWhateverPartOfACreateIsAnother changes what the kinds of credentials have besides.
func TestAKeyIsRefusedWhateverPartOfACreateIsAnother(t *testing.T) {
	s := start(t)
	for name, pair := range map[string][2]map[string]string{
		"user name":               {{"kind": `"oci_registry"`, "username": `"a"`}, {"kind": `"oci_registry"`, "username": `"b"`}},
		"user name, left out":     {{"kind": `"oci_registry"`, "username": `"a"`}, {"kind": `"oci_registry"`}},
		"access key id":           {{"kind": `"cloud_provider/aws"`, "aws_access_key_id": `"a"`}, {"kind": `"cloud_provider/aws"`, "aws_access_key_id": `"b"`}},
		"kind":                    {{"kind": `"oci_registry"`}, {"kind": `"cloudflare_api"`}},
		"label":                   {{"labels": `{"a":"b"}`}, {"labels": `{"a":"c"}`}},
		"description":             {{"description": `"a"`}, {"description": `"b"`}},
		"which field has a text":  {{"name": `"a"`, "description": `"b"`}, {"name": `"b"`, "description": `"a"`}},
		"which part has the text": {{"kind": `"oci_registry"`, "username": `"a"`}, {"kind": `"oci_registry"`, "description": `"a"`}},
	} {
		key := with("idempotency-key", name)
		s.call("create-secret", request{headers: key, body: body(fields(pair[0]))}).want(201)
		s.call("create-secret", request{headers: key, body: body(fields(pair[0]))}).want(201)
		a := s.call("create-secret", request{headers: key, body: body(fields(pair[1]))})
		if a.status != 409 {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
}

func TestAKeyIsRefusedWhateverPartOfANewVersionIsAnother(t *testing.T) {
	s := start(t)
	id, other := s.create(), s.create()
	r := request{id: id, headers: with("idempotency-key", "k"), body: body(`{"value":"second","comment":"a"}`)}
	made := s.call("create-secret-version", r).want(201)
	if again := s.call("create-secret-version", r).want(201); again.text != made.text {
		t.Errorf("first %s, again %s", made.text, again.text)
	}
	for name, changed := range map[string]request{
		"comment":           {id: id, body: body(`{"value":"second","comment":"b"}`)},
		"comment, left out": {id: id, body: body(`{"value":"second"}`)},
		"value":             {id: id, body: body(`{"value":"third","comment":"a"}`)},
		"secret":            {id: other, body: body(`{"value":"second","comment":"a"}`)},
	} {
		changed.headers = r.headers
		a := s.call("create-secret-version", changed)
		if a.status != 409 {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	s.call("create-secret", request{headers: r.headers, body: body(createBody)}).conflict("IDEMPOTENCY_KEY_REUSED")
	if n := s.call("get-secret", request{id: id}).json["version_count"]; n != 2.0 {
		t.Errorf("%v versions", n)
	}
}

func TestACursorOfVersionsFitsItsOwnStateAndWorkspaceAlone(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, value := range []string{"second", "third"} {
		s.version(id, value)
	}
	all := s.call("list-secret-versions", request{id: id, query: with("limit", "1")}).str("next_cursor")
	enabled := s.call("list-secret-versions", request{id: id, query: with("limit", "1", "state", "enabled")}).str("next_cursor")
	other := s.mint(grantFor("ws_other"))
	for name, r := range map[string]request{
		"with a state":         {id: id, query: with("cursor", all, "state", "enabled")},
		"without its state":    {id: id, query: with("cursor", enabled)},
		"with another state":   {id: id, query: with("cursor", enabled, "state", "disabled")},
		"of another workspace": {id: id, query: with("cursor", all), headers: with("authorization", "Bearer "+other)},
	} {
		a := s.call("list-secret-versions", r)
		if a.status != 400 || a.paths()[0] != "query.cursor" {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	s.call("list-secret-versions", request{id: id, query: with("cursor", all)}).want(200)
	s.call("list-secret-versions", request{id: id, query: with("cursor", enabled, "state", "enabled")}).want(200)
}

func TestAnUndeletesKeyStandsForItsOwnSecretAlone(t *testing.T) {
	s := start(t)
	one, other := s.deleted(), s.deleted()
	s.call("undelete-secret", request{id: one, headers: with("if-match", "2", "idempotency-key", "k")}).want(200)
	s.call("undelete-secret", request{id: other, headers: with("if-match", "2", "idempotency-key", "l")}).want(200)
	s.call("undelete-secret", request{id: other, headers: with("if-match", "2", "idempotency-key", "k")}).conflict("IDEMPOTENCY_KEY_REUSED")
}
