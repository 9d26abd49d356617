package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"keepsake/infra/cloudtest/bustest"
	"keepsake/shared/auth"
)

// withBus starts a service whose functions tell a bus.
func withBus(t *testing.T) (*service, *bustest.Bus) {
	t.Helper()
	played := bustest.Start(t)
	t.Setenv("AWS_ENDPOINT_URL_EVENTBRIDGE", played.URL)
	s := launch(t)
	t.Setenv("EVENT_BUS", bustest.ARN)
	s.restart()
	return s, played
}

// toldOf lists events as "detail-type id principal".
func toldOf(played *bustest.Bus) []string {
	all := []string{}
	for _, e := range played.Taken() {
		all = append(all, fmt.Sprint(e.DetailType, " ", e.Field("secret_id"), " ", e.Field("principal")))
	}
	slices.Sort(all)
	return all
}

func TestOthersAreToldWhoTriesToReadADeletedSecretByItsIDOrItsName(t *testing.T) {
	s, played := withBus(t)
	one, other := s.named("db", "one"), s.named("db", "other")
	s.call("access-secret-version", request{id: one}).want(200)
	s.call("access-secret-version", request{id: one, vid: "nope"}).fault(404, 7002)
	s.byName("db").fault(409, 7006)
	if got := toldOf(played); len(got) > 0 {
		t.Errorf("told were %q of active secrets", got)
	}
	purgeAt := float64(s.now.Add(retention).Unix())
	s.delete(one, "1").want(204)
	s.delete(other, "1").want(204)
	who := s.switchTo(auth.Scopes...)
	s.call("access-secret-version", request{id: one}).fault(404, 7002)
	s.byName("db").fault(404, 7002)
	want := []string{"Deleted Secret Read " + one + " " + who, "Deleted Secret Read " + one + " " + who, "Deleted Secret Read " + other + " " + who}
	slices.Sort(want)
	if got := toldOf(played); !slices.Equal(got, want) {
		t.Errorf("told were %q, want %q", got, want)
	}
	ids := map[any]bool{}
	for _, e := range played.Taken() {
		ids[e.Field("id")] = true
		if e.Field("purge_at") != purgeAt || strings.Contains(e.Detail, plaintext) {
			t.Errorf("the detail is %s", e.Detail)
		}
	}
	if len(ids) != 3 {
		t.Errorf("%d ids for three attempts", len(ids))
	}
	s.switchTo(auth.Read)
	s.call("access-secret-version", request{id: one}).want(403)
	s.now = s.now.Add(retention)
	s.switchTo(auth.Scopes...)
	s.call("access-secret-version", request{id: one}).fault(404, 7002)
	if n := len(played.Taken()); n != 3 {
		t.Errorf("%d events, the last of refused callers and of a purged secret", n)
	}
}

func TestABusThatFailsChangesNoResponseAndIsCounted(t *testing.T) {
	s, played := withBus(t)
	id := s.deleted()
	want := s.call("access-secret-version", request{id: id}).fault(404, 7002)["message"]
	for name, fail := range map[string]func(){
		"an error":  func() { played.Fail(400) },
		"a refusal": func() { played.Fail(0); played.Refuse(func(bustest.Entry) bool { return true }) },
	} {
		fail()
		lines := len(s.trail())
		s.log.Reset()
		if got := s.call("access-secret-version", request{id: id}).fault(404, 7002)["message"]; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		if log := s.log.String(); !strings.Contains(log, `"EventFailures":1`) || !strings.Contains(log, `"untold":"put events`) {
			t.Errorf("%s: the log says %s", name, log)
		}
		if n := len(s.trail()); n != lines+1 {
			t.Errorf("%s: %d lines, want one more than %d", name, n, lines)
		}
	}
}
