package api_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestCreateAnswersWithTheSecretAndWithoutItsValue(t *testing.T) {
	s := start(t)
	a := s.call("create-secret", request{body: body(`{"name":"hetzner","kind":"cloud_provider/hcloud","value":"` + plaintext + `"}`)}).want(201)
	if strings.Contains(a.text, plaintext) {
		t.Error("the value is in the answer")
	}
	if !strings.HasPrefix(a.str("id"), "sec_") || len(a.str("id")) > 54 {
		t.Errorf("id %q", a.str("id"))
	}
	if a.headers["ETag"] != `"`+a.str("etag")+`"` {
		t.Errorf("ETag %s, etag %s", a.headers["ETag"], a.str("etag"))
	}
	want := map[string]any{
		"workspace_id": workspace, "name": "hetzner", "kind": "cloud_provider/hcloud", "state": "active",
		"version_count": 1.0, "enabled_version_count": 1.0, "etag": "1",
		"created_at": float64(s.now.Unix()), "updated_at": float64(s.now.Unix()),
		"html_url": "https://keepsake.example.com/workspaces/" + workspace + "/secrets/" + a.str("id"),
	}
	for field, value := range want {
		if a.json[field] != value {
			t.Errorf("%s is %v, want %v", field, a.json[field], value)
		}
	}
	if a.json["validation"].(map[string]any)["state"] != "unspecified" {
		t.Errorf("validation %v", a.json["validation"])
	}
	for _, field := range []string{"description", "labels", "mime_type", "version_aliases", "deleted_at", "purge_at"} {
		if _, there := a.json[field]; there {
			t.Errorf("%s has no value and is there", field)
		}
	}
}

func TestValidationIsNullWhereThereIsNoProvider(t *testing.T) {
	s := start(t)
	a := s.call("create-secret", request{body: body(createBody)}).want(201)
	if value, there := a.json["validation"]; !there || value != nil {
		t.Errorf("validation is %v, want null", value)
	}
}

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

func TestAFieldOfAnotherKindMayBeNull(t *testing.T) {
	s := start(t)
	s.call("create-secret", request{body: body(fields(map[string]string{
		"aws_access_key_id": "null", "username": "null", "labels": "null", "description": "null",
	}))}).want(201)
}
