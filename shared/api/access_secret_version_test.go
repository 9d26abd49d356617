package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/auth"
)

func TestEveryReadOfAValueLeavesALineThatSaysWhoAndFromWhere(t *testing.T) {
	s := start(t)
	id := s.create()
	s.call("access-secret-version", request{id: id}).want(200)
	lines := s.trail()
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	want := map[string]any{
		"pk": workspace + "#" + id, "operation": "access-secret-version", "outcome": "allowed", "version": "1",
		"source_ip": "198.51.100.4", "viewer_ip": "203.0.113.7", "request_id": "sample-access-secret-version",
		"at": float64(s.now.Unix()),
	}
	for field, value := range want {
		if lines[0][field] != value {
			t.Errorf("%s is %v, want %v", field, lines[0][field], value)
		}
	}
	if who, _ := lines[0]["principal"].(string); !strings.HasPrefix(who, "tok_") {
		t.Errorf("principal %v", lines[0]["principal"])
	}
}

func TestRefusedReadsLeaveALineToo(t *testing.T) {
	s := start(t)
	id := s.deleted()
	s.call("access-secret-version", request{id: id}).want(404)
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Read}})
	s.call("access-secret-version", request{id: id}).want(403)
	reasons := map[any]bool{}
	for _, line := range s.trail() {
		if line["outcome"] != "denied" {
			t.Errorf("outcome %v", line["outcome"])
		}
		reasons[line["reason"]] = true
	}
	if len(reasons) != 2 || !reasons["not_found"] || !reasons["forbidden"] {
		t.Errorf("reasons %v", reasons)
	}
}

func TestWithoutAnAuditLineNoPlaintextLeaves(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, verdict := range []wire.Verdict{
		wire.LoseRequest(),
		wire.Refuse(400, "ThrottlingException", ""),
		wire.Refuse(400, "AccessDeniedException", ""),
	} {
		s.cloud.Hook(func(c wire.Call) wire.Verdict {
			if c.Action == "PutItem" {
				return verdict
			}
			return wire.Pass()
		})
		a := s.call("access-secret-version", request{id: id})
		a.fault(503, 7011)
		if strings.Contains(a.text, plaintext) || a.headers["Retry-After"] == "" {
			t.Errorf("body %s, headers %v", a.text, a.headers)
		}
	}
}

func TestAnAuditLineWhoseAnswerIsLostIsWrittenOnce(t *testing.T) {
	s := start(t)
	id := s.create()
	s.loseResponsesTo("dynamodb:PutItem", 1)
	s.call("access-secret-version", request{id: id}).want(200)
	if n := len(s.trail()); n != 1 {
		t.Errorf("%d lines", n)
	}
}

func TestACiphertextMovedToAnotherSecretDoesNotOpen(t *testing.T) {
	s := start(t)
	from, to := s.create(), s.create()
	rows := map[string]map[string]types.AttributeValue{}
	for _, row := range s.rowsOf("SecretsTable", "v#0000000001") {
		rows[row["pk"].(*types.AttributeValueMemberS).Value] = row
	}
	moved := rows[workspace+"#"+from]
	moved["pk"] = &types.AttributeValueMemberS{Value: workspace + "#" + to}
	table := "SecretsTable"
	if _, err := s.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: moved}); err != nil {
		t.Fatal(err)
	}
	s.call("access-secret-version", request{id: to}).fault(500, 7009)
	s.call("access-secret-version", request{id: from}).want(200)
}

// TestACopyOfAWholeSecretUnderAnotherNameDoesNotOpen: whoever can write to the table and read one secret
// must not be able to read another by it.
func TestACopyOfAWholeSecretUnderAnotherNameDoesNotOpen(t *testing.T) {
	s := start(t)
	from, to := s.create(), s.create()
	table := "SecretsTable"
	for _, sort := range []string{"meta", "v#0000000001"} {
		for _, row := range s.rowsOf(table, sort) {
			if row["pk"].(*types.AttributeValueMemberS).Value != workspace+"#"+from {
				continue
			}
			row["pk"] = &types.AttributeValueMemberS{Value: workspace + "#" + to} // its attributes still name the other
			if _, err := s.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: row}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, vid := range []string{"latest", firstVersionOf(to)} {
		s.call("access-secret-version", request{id: to, vid: vid}).fault(500, 7009)
	}
	s.call("access-secret-version", request{id: from}).want(200)
}

func TestACopyOfAVersionUnderAnotherNumberDoesNotOpen(t *testing.T) {
	s := start(t)
	id := s.create()
	second := s.version(id, "the second").str("id")
	table := "SecretsTable"
	for _, row := range s.rowsOf(table, "v#0000000001") {
		row["sk"] = &types.AttributeValueMemberS{Value: "v#0000000002"}
		if _, err := s.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: row}); err != nil {
			t.Fatal(err)
		}
	}
	s.call("access-secret-version", request{id: id, vid: second}).fault(500, 7009)
	s.call("access-secret-version", request{id: id, vid: firstVersionOf(id)}).want(200)
}

func TestAValueThatALaterReleaseHasSealedIsAnInternalErrorThatTheLogExplains(t *testing.T) {
	s := start(t)
	id := s.create()
	s.set(id, "v#0000000001", "SET sealing_format = :f", map[string]types.AttributeValue{":f": &types.AttributeValueMemberN{Value: "3"}})
	s.cloud.ResetCalls()
	s.call("access-secret-version", request{id: id}).fault(500, 7009)
	if log := s.log.String(); !strings.Contains(log, "format 3, which this release does not know") {
		t.Errorf("log %s", log)
	}
	if n := s.called("kms:Decrypt"); n != 0 {
		t.Errorf("KMS was asked %d times", n)
	}
}

func TestOnlyWhoMayReadMetadataIsToldThatASecretIsDeleted(t *testing.T) {
	s := start(t)
	id := s.deleted()
	message := func(id string) string {
		t.Helper()
		return s.call("access-secret-version", request{id: id}).fault(404, 7002)["message"].(string)
	}
	deadline := s.now.Add(retention).Format("2006-01-02T15:04:05Z")
	if got := message(id); !strings.HasPrefix(got, "Not Found: ") || !strings.Contains(got, "until "+deadline) {
		t.Errorf("a reader gets %q", got)
	}
	unknown := s.call("access-secret-version", request{id: id, vid: "nope"}).fault(404, 7002)["message"].(string)
	if !strings.Contains(unknown, "until "+deadline) {
		t.Errorf("a reader who asks for an unknown alias gets %q", unknown)
	}
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Access, auth.Write}})
	if got, unknown := message(id), message("sec_1"); got != unknown {
		t.Errorf("a caller that may not read metadata gets %q for a deleted secret and %q for an unknown one", got, unknown)
	}
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: auth.Scopes})
	s.now = s.now.Add(retention)
	if got, unknown := message(id), message("sec_1"); got != unknown {
		t.Errorf("from its deadline on a reader gets %q for a secret and %q for an unknown one", got, unknown)
	}
}

func TestAnUnknownVersionOrAliasOfASecretLeavesALine(t *testing.T) {
	s := start(t)
	id := s.create()
	asked := map[string]string{ // what is asked for, and the version that the line names
		"nope": "nope", firstVersionOf(id)[:len(firstVersionOf(id))-1] + "7": firstVersionOf(id)[:len(firstVersionOf(id))-1] + "7",
		"secv_other_1": "secv_other_1", "hunter 2": "",
	}
	for vid := range asked {
		message := s.call("access-secret-version", request{id: id, vid: vid}).fault(404, 7002)["message"]
		want := "Not Found: the secret has no such version"
		if vid == "nope" || vid == "hunter 2" {
			want = "Not Found: the secret has no such alias"
		}
		if message != want {
			t.Errorf("%s: %q", vid, message)
		}
	}
	s.change("disable-secret-version", id, firstVersionOf(id)).want(200)
	asked["latest"] = "latest"
	if got := s.call("access-secret-version", request{id: id}).fault(404, 7002)["message"]; got != "Not Found: the secret has no enabled version" {
		t.Errorf("latest: %q", got)
	}
	var want, got []string
	for _, version := range asked {
		want = append(want, version)
	}
	for _, line := range s.trail() {
		version, _ := line["version"].(string)
		got = append(got, version)
		if line["outcome"] != "denied" || line["reason"] != "not_found" || line["pk"] != workspace+"#"+id {
			t.Errorf("line %v", line)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("lines of %q, want %q", got, want)
	}
	for _, unknown := range []string{"sec_1", "nothing"} {
		for _, vid := range []string{"latest", "prod", firstVersionOf(unknown)} {
			s.call("access-secret-version", request{id: unknown, vid: vid}).fault(404, 7002)
		}
	}
	if n := len(s.trail()); n != len(asked) {
		t.Errorf("%d lines with those of secrets that are not there", n)
	}
}

func TestAnAccessTakesNoBody(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, text := range []string{"", "null", " null ", "{}"} {
		s.call("access-secret-version", request{id: id, body: &text}).want(200)
	}
	lines := len(s.trail())
	for text, path := range map[string]string{`{"vid":"1"}`: "body.vid", "[": "body", "7": "body", `""`: "body"} {
		a := s.call("access-secret-version", request{id: id, body: &text})
		a.fault(400, 7001)
		if got := a.paths(); !slices.Equal(got, []string{path}) {
			t.Errorf("%s: paths %v", text, got)
		}
	}
	if n := len(s.trail()); n != lines {
		t.Errorf("%d lines of requests that are not valid", n-lines)
	}
}

func TestAPollerThatHasTheVersionGetsNothingAndLeavesNoLine(t *testing.T) {
	s := start(t)
	id := s.create()
	etag := s.call("access-secret-version", request{id: id}).want(200).headers["ETag"]
	s.cloud.ResetCalls()
	a := s.call("access-secret-version", request{id: id, headers: with("if-none-match", etag)}).want(304)
	if a.text != "" || a.headers["ETag"] != etag {
		t.Errorf("body %q, ETag %s", a.text, a.headers["ETag"])
	}
	s.wantCalls("dynamodb:Query")

	s.version(id, "second")
	if got := s.call("access-secret-version", request{id: id, headers: with("if-none-match", etag)}).want(200).str("value"); got != "second" {
		t.Error("the poller missed the new version")
	}
	s.call("access-secret-version", request{id: id, headers: with("if-none-match", "other")}).want(200)
}
