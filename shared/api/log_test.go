package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/auth"
)

// logged removes and returns the log's only line, which the last request left.
func (s *service) logged() map[string]any {
	s.t.Helper()
	lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
	s.log.Reset()
	if len(lines) != 1 {
		s.t.Fatalf("%d lines: %q", len(lines), lines)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &fields); err != nil {
		s.t.Fatal(err)
	}
	return fields
}

// wantLogged checks fields of the last request's line; nil: the line has no such field.
func (s *service) wantLogged(want map[string]any) {
	s.t.Helper()
	got := s.logged()
	for name, value := range want {
		if got[name] != value {
			s.t.Errorf("%s is %v, want %v", name, got[name], value)
		}
	}
}

// maxAccessLine is the bound of a warm access's line without a trace, in bytes.
const maxAccessLine = 600

func TestARequestLeavesOneLineThatSaysWhoWhatAndAtWhatCost(t *testing.T) {
	s := start(t)
	id := s.create()
	s.log.Reset()
	s.call("access-secret-version", request{id: id}).want(200)
	line := s.logged()
	for name, want := range map[string]any{
		"level": "INFO", "msg": "request", "operation": "access-secret-version", "outcome": "ok", "reason": nil,
		"request_id": "sample-access-secret-version", "workspace_id": workspace, "secret_id": id, "status": 200.0,
		"cold": true, "stack": "keepsake", "Requests": 1.0, "KmsCalls": 1.0, "Errors": nil,
		"duration_ms": nil, "kms_calls": nil, // Latency and KmsCalls say it
		"dynamodb_calls": 2.0, // the version, the audit line; the token is known
	} {
		if line[name] != want {
			t.Errorf("%s is %v, want %v", name, line[name], want)
		}
	}
	if who, _ := line["principal"].(string); !strings.HasPrefix(who, "tok_") {
		t.Errorf("principal %v", line["principal"])
	}
	for _, name := range []string{"dynamodb_ms", "kms_ms", "Latency"} {
		if _, ok := line[name].(float64); !ok {
			t.Errorf("%s is %v", name, line[name])
		}
	}
}

// A gigabyte of log costs half a dollar: an access's line would be the largest part of it.
func TestAnAccesssLineIsShort(t *testing.T) {
	s := start(t)
	access := request{id: s.create(), headers: with("traceparent", "")}
	s.call("access-secret-version", access).want(200)
	s.log.Reset()
	s.call("access-secret-version", access).want(200)
	if n := s.log.Len(); n > maxAccessLine {
		t.Errorf("%d bytes, want %d at most: %s", n, maxAccessLine, s.log.String())
	}
}

func TestACreationsLineNamesTheSecretThatItMade(t *testing.T) {
	s := start(t)
	id := s.create()
	s.wantLogged(map[string]any{"operation": "create-secret", "secret_id": id})
}

func TestARefusalIsAnErrorByItsReason(t *testing.T) {
	s := start(t)
	id := s.create()
	for reason, refuse := range map[string]func(){
		"not_found":          func() { s.call("get-secret", request{id: "sec_none"}).want(404) },
		"invalid":            func() { s.call("get-secret", request{id: strings.Repeat("x", 55)}).want(400) },
		"unauthenticated":    func() { s.call("get-secret", request{id: id, headers: with("authorization", "")}).want(401) },
		"conflict":           func() { s.call("delete-secret", request{id: id, headers: with("if-match", "7")}).want(409) },
		"method_not_allowed": func() { s.callUnknown("/v1/secrets").want(405) },
	} {
		s.log.Reset()
		refuse()
		s.wantLogged(map[string]any{
			"level": "INFO", "outcome": reason, "reason": reason, "Errors": 1.0, "Requests": 1.0, "ServerErrors": nil,
		})
	}
}

func TestAFaultOfOursIsAServerErrorAndItsLineAnError(t *testing.T) {
	s := start(t)
	id := s.create()
	s.fail("dynamodb", wire.LoseRequest())
	s.log.Reset()
	s.call("get-secret", request{id: id}).want(503)
	s.wantLogged(map[string]any{
		"level": "ERROR", "outcome": "unavailable", "Errors": 1.0, "ServerErrors": 1.0, "AuditFailures": nil,
		"dynamodb_calls": 4.0, // three of them retries
	})
}

func TestAReadThatTheTrailRefusedIsAnAuditFailure(t *testing.T) {
	s := start(t)
	id := s.create()
	reader := s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Read}})
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "PutItem" {
			return wire.Refuse(400, "AccessDeniedException", "")
		}
		return wire.Pass()
	})
	s.log.Reset()
	s.call("access-secret-version", request{id: id}).want(503)
	s.wantLogged(map[string]any{"AuditFailures": 1.0, "ServerErrors": 1.0, "outcome": "unavailable"})

	// A refusal stands without its line, but the missing line is still a failure of the trail.
	s.token = reader
	s.call("access-secret-version", request{id: id}).want(403)
	s.wantLogged(map[string]any{"AuditFailures": 1.0, "ServerErrors": nil, "outcome": "forbidden"})
}

const (
	traceID     = "4bf92f3577b34da6a3ce929d0e0e4736"
	traceparent = "00-" + traceID + "-00f067aa0ba902b7-01"
)

func TestARequestsTraceIsInItsLineOnItsRowAndInTheTrail(t *testing.T) {
	s := start(t)
	traced := with("traceparent", traceparent)
	s.log.Reset()
	made := s.call("create-secret", request{headers: traced, body: body(createBody)}).want(201)
	s.wantLogged(map[string]any{"trace_id": traceID})
	if rows := s.rowsOf("SecretsTable", "meta"); !strings.Contains(asText(t, rows), traceID) {
		t.Errorf("it is not on the row: %s", asText(t, rows))
	}
	s.call("access-secret-version", request{id: made.str("id"), headers: traced}).want(200)
	if got := s.trail()[0]["trace_id"]; got != traceID {
		t.Errorf("trace_id is %v in the trail", got)
	}
}

func TestWithoutAValidTraceparentThereIsNoTrace(t *testing.T) {
	s := start(t)
	for _, header := range []string{"", strings.ToUpper(traceparent), traceparent + "-more"} {
		s.log.Reset()
		s.call("create-secret", request{headers: with("traceparent", header), body: body(createBody)}).want(201)
		s.wantLogged(map[string]any{"trace_id": nil, "outcome": "ok"})
	}
	if rows := asText(t, s.rowsOf("SecretsTable", "meta")); strings.Contains(rows, "trace_id") {
		t.Errorf("a row has one: %s", rows)
	}
}

func TestARowFromBeforeThereWereTracesIsReadAndChangedLikeAnyOther(t *testing.T) {
	s := start(t)
	id := s.deleted() // by requests without a trace, which leave rows as older code did
	if rows := asText(t, s.rowsOf("SecretsTable", "")); strings.Contains(rows, "trace_id") {
		t.Fatalf("the rows are not old: %s", rows)
	}
	s.call("get-secret", request{id: id}).want(200)
	s.call("undelete-secret", request{id: id, headers: with("if-match", "2", "traceparent", traceparent)}).want(200)
	s.call("access-secret-version", request{id: id}).want(200)
}
