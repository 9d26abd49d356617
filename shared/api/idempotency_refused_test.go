package api_test

import (
	"testing"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/auth"
)

// What an idempotency key promises for a day, whatever happens to the resource meanwhile.

// uses are requests under one key, each about something else.
func (s *service) uses(key string) map[string]func() response {
	one, other, active, second := s.deleted(), s.deleted(), s.create(), s.create()
	keyed := with("idempotency-key", key)
	return map[string]func() response{
		"create": func() response {
			return s.call("create-secret", request{headers: keyed, body: body(createBody)})
		},
		"create version": func() response {
			return s.call("create-secret-version", request{id: active, headers: keyed, body: body(`{"value":"another value"}`)})
		},
		"create another's version": func() response {
			return s.call("create-secret-version", request{id: second, headers: keyed, body: body(`{"value":"another value"}`)})
		},
		"undelete":         func() response { return s.undelete(one, "2", key) },
		"undelete another": func() response { return s.undelete(other, "2", key) },
		"enable":           func() response { return s.changeVersion("enable", firstVersionOf(active), active, "1000000001", key) },
		"enable another":   func() response { return s.changeVersion("enable", firstVersionOf(second), second, "1000000001", key) },
	}
}

func TestOneKeyAtAnotherOperationOrTargetIsRefused(t *testing.T) {
	s := start(t)
	for first := range s.uses("") {
		t.Run(first, func(t *testing.T) {
			uses := s.uses("key of " + first)
			if a := uses[first](); a.status != 200 && a.status != 201 {
				t.Fatalf("status %d: %s", a.status, a.text)
			}
			for name, use := range uses {
				if a := use(); name == first && a.status >= 400 || name != first && a.status != 409 {
					t.Errorf("then %s: status %d, %s", name, a.status, a.text)
				}
			}
		})
	}
}

func TestAKeyIsBoundToThePrincipalThatUsedIt(t *testing.T) {
	s := start(t)
	r := request{headers: with("idempotency-key", "k1"), body: body(createBody)}
	id := s.call("create-secret", r).want(201).str("id")
	version := request{id: id, headers: with("idempotency-key", "k2"), body: body(`{"value":"0427"}`)}
	s.call("create-secret-version", version).want(201)
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Write}})
	s.call("create-secret", r).conflict("IDEMPOTENCY_KEY_REUSED")
	s.call("create-secret-version", version).conflict("IDEMPOTENCY_KEY_REUSED")
}

func TestAKeyThatIsReusedWithAnotherRequestLeavesALine(t *testing.T) {
	s := start(t)
	r := request{headers: with("idempotency-key", "k1"), body: body(createBody)}
	id := s.call("create-secret", r).want(201).str("id")
	guess := request{headers: r.headers, body: body(`{"name":"db","kind":"generic","value":"0427"}`)}
	s.call("create-secret", guess).conflict("IDEMPOTENCY_KEY_REUSED")
	version := request{id: id, headers: with("idempotency-key", "k2"), body: body(`{"value":"0427"}`)}
	s.call("create-secret-version", version).want(201)
	version.body = body(`{"value":"0428"}`)
	s.call("create-secret-version", version).conflict("IDEMPOTENCY_KEY_REUSED")
	lines := s.trail()
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		if line["pk"] != workspace+"#"+id || line["outcome"] != "denied" || line["reason"] != "key_reused" {
			t.Errorf("line %v", line)
		}
	}
	s.cloud.Hook(func(c wire.Call) wire.Verdict { // the trail is away: the refusal stands
		if c.Action == "PutItem" {
			return wire.Refuse(400, "ResourceNotFoundException", "")
		}
		return wire.Pass()
	})
	s.call("create-secret", guess).conflict("IDEMPOTENCY_KEY_REUSED")
}

func TestAKeyWithAnotherRequestIsRefused(t *testing.T) {
	s := start(t)
	s.call("create-secret", request{headers: with("idempotency-key", "k1"), body: body(createBody)}).want(201)
	for name, other := range map[string]string{
		"value":       `{"name":"db","kind":"generic","value":"another"}`,
		"name":        `{"name":"db2","kind":"generic","value":"` + plaintext + `"}`,
		"kind":        `{"name":"db","kind":"webhook_signing","value":"` + plaintext + `"}`,
		"description": `{"name":"db","kind":"generic","value":"` + plaintext + `","description":"d"}`,
		"labels":      `{"name":"db","kind":"generic","value":"` + plaintext + `","labels":{"a":"b"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s.call("create-secret", request{headers: with("idempotency-key", "k1"), body: &other}).conflict("IDEMPOTENCY_KEY_REUSED")
		})
	}
}

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
