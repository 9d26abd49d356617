package api_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/api"
	"keepsake/shared/auth"
)

// panicking is get-secret with an authenticator that panics with what.
func (s *service) panicking(what string) api.Handler {
	edge := api.Edge{Credentials: panicker(what), Now: time.Now, Log: slogTo(&s.log), OriginKey: os.Getenv("ORIGIN_KEY")}
	return api.GetSecret(edge, nil, "")
}

type panicker string

func (p panicker) Authenticate(context.Context, string, time.Time) (auth.Principal, error) {
	panic(string(p))
}

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
	s.loseAnswersTo("dynamodb:PutItem", 1)
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
