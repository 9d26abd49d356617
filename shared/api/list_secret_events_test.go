package api_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"keepsake/shared/audit"
	"keepsake/shared/auth"
	"keepsake/shared/secret"
)

// record writes a line about a secret, as record-changes does.
func (s *service) record(l audit.Line) {
	s.t.Helper()
	if err := s.as("record-changes").Trail().Append(s.t.Context(), l); err != nil {
		s.t.Fatal(err)
	}
}

// events returns what the events of a secret say, newest first.
func (s *service) events(id string) []string {
	s.t.Helper()
	var out []string
	for _, item := range s.call("list-secret-events", request{id: id}).want(200).json["data"].([]any) {
		e := item.(map[string]any)
		out = append(out, fmt.Sprint(e["operation"], " ", e["outcome"], " ", e["reason"], " by ", e["principal"], " of ", e["version"]))
	}
	return out
}

func TestASecretsEventsAreWhoReadItAndWhoTriedTo(t *testing.T) {
	s := start(t)
	id := s.create()
	reader := auth.TokenID(s.token)
	s.call("access-secret-version", request{id: id, vid: "latest"}).want(200)
	s.now = s.now.Add(time.Second)
	s.delete(id, "1").want(204)
	s.call("access-secret-version", request{id: id, vid: "latest"}).fault(404, 7002)
	want := []string{
		"access-secret-version denied not_found by " + reader + " of 1",
		"access-secret-version allowed <nil> by " + reader + " of 1",
	}
	if got := s.events(id); !slices.Equal(got, want) {
		t.Errorf("the events are %q, want %q", got, want)
	}
}

func TestTheEventsOfAPurgedSecretEndWithItsPurge(t *testing.T) {
	s := start(t)
	ref := secret.NewRef(workspace, s.now)
	deleted := s.now.Add(-time.Hour)
	s.record(audit.Line{Ref: ref, Outcome: audit.Allowed, By: secret.Stamp{
		Operation: "delete-secret", Principal: "tok_a", RequestID: "r", SourceIP: "192.0.2.1", ViewerIP: "192.0.2.2", At: deleted,
	}})
	s.record(audit.Line{Ref: ref, Outcome: audit.Allowed, By: secret.Stamp{Operation: "purge", Principal: "service:purge-due", At: s.now},
		Purge: &audit.Purge{Mechanism: secret.BySchedule, Versions: 2, DeletedBy: "tok_a", DeletedAt: deleted}})
	s.call("get-secret", request{id: ref.ID}).fault(404, 7002)

	data := s.call("list-secret-events", request{id: ref.ID}).want(200).json["data"].([]any)
	if len(data) != 2 {
		t.Fatalf("the events are %v", data)
	}
	purge, before := data[0].(map[string]any), data[1].(map[string]any)
	want := map[string]any{"mechanism": "schedule", "versions": 2.0, "deleted_by": "tok_a", "deleted_at": float64(deleted.Unix())}
	if purge["operation"] != "purge" || fmt.Sprint(purge["purge"]) != fmt.Sprint(want) {
		t.Errorf("the last event is %v", purge)
	}
	if before["viewer_ip"] != "192.0.2.2" || before["source_ip"] != "192.0.2.1" || before["occurred_at"] != float64(deleted.Unix()) {
		t.Errorf("the first event is %v", before)
	}
}

func TestEventsAreSeenInTheirOwnWorkspaceAlone(t *testing.T) {
	s := start(t)
	id := s.create()
	s.call("access-secret-version", request{id: id, vid: "latest"}).want(200)
	s.token = s.mint(grantFor("ws_other"))
	if got := s.events(id); len(got) != 0 {
		t.Errorf("another workspace sees %v", got)
	}
	for _, unknown := range []string{"sec_none", "x", "sec_#"} {
		if got := s.events(unknown); len(got) != 0 {
			t.Errorf("%s: %v", unknown, got)
		}
	}
}

func TestEventsComeInPagesEachOnce(t *testing.T) {
	s := start(t)
	id, other := s.create(), s.create()
	for range 5 {
		s.call("access-secret-version", request{id: id, vid: "latest"}).want(200)
		s.now = s.now.Add(time.Second)
	}
	pages := s.pages("list-secret-events", request{id: id, query: with("limit", "2")})
	all := slices.Concat(pages...)
	slices.Sort(all)
	if len(pages) != 3 || len(all) != 5 || len(slices.Compact(all)) != 5 {
		t.Errorf("the pages are %v", pages)
	}
	cursor := s.call("list-secret-events", request{id: id, query: with("limit", "2")}).str("next_cursor")
	s.call("list-secret-events", request{id: other, query: with("cursor", cursor)}).fault(400, 7001)
}

func TestEventsAreOneQuery(t *testing.T) {
	s := start(t)
	id := s.create()
	s.call("list-secret-events", request{id: id}).want(200)
	s.cloud.ResetCalls()
	s.call("list-secret-events", request{id: id}).want(200)
	s.wantCalls("dynamodb:Query")
}
