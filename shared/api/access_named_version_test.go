package api_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/auth"
)

// named makes a secret of this name and value, and returns its id.
func (s *service) named(name, value string) string {
	s.t.Helper()
	return s.call("create-secret", request{body: body(fmt.Sprintf(`{"name":%q,"kind":"generic","value":%q}`, name, value))}).want(201).str("id")
}

// byName reads the latest version of the secret of this name, once the index has caught up.
func (s *service) byName(name string) response {
	s.t.Helper()
	s.cloud.Settle()
	return s.call("access-named-version", request{name: name})
}

// denials lists the refusals in the trail, as "operation reason id".
func (s *service) denials() []string {
	s.t.Helper()
	var all []string
	for _, line := range s.trail() {
		if line["outcome"] == "denied" {
			all = append(all, fmt.Sprint(line["operation"], " ", line["reason"], " ", strings.TrimPrefix(line["pk"].(string), workspace+"#")))
		}
	}
	slices.Sort(all)
	return all
}

func (s *service) wantDenials(reason string, ids ...string) {
	s.t.Helper()
	want := []string{}
	for _, id := range ids {
		want = append(want, "access-named-version "+reason+" "+id)
	}
	slices.Sort(want)
	if got := s.denials(); !slices.Equal(got, want) {
		s.t.Errorf("the trail's refusals are %q, want %q", got, want)
	}
}

func TestAValueIsReadByItsSecretsNameInOneCall(t *testing.T) {
	s := start(t)
	s.named("db-passwords", "another's")
	id := s.named("db-password", "the first")
	if got := s.byName("db-password").want(200).str("value"); got != "the first" {
		t.Errorf("latest is %q", got)
	}
	s.version(id, "the second")
	s.update(id, "2", `{"version_aliases":{"stable":1}}`).want(200)
	for vid, want := range map[string]string{"latest": "the second", "stable": "the first", firstVersionOf(id): "the first"} {
		s.cloud.Settle()
		if got := s.call("access-named-version", request{name: "db-password", vid: vid}).want(200).str("value"); got != want {
			t.Errorf("%s is %q, want %q", vid, got, want)
		}
	}
}

func TestAReadByNameLeavesItsLineInTheTrailOfTheSecret(t *testing.T) {
	s := start(t)
	id := s.named("db-password", plaintext)
	s.log.Reset()
	s.byName("db-password").want(200)
	lines := s.trail()
	if len(lines) != 1 || lines[0]["pk"] != workspace+"#"+id || lines[0]["operation"] != "access-named-version" ||
		lines[0]["outcome"] != "allowed" || lines[0]["version"] != "1" {
		t.Errorf("the trail has %v", lines)
	}
	if log := s.log.String(); !strings.Contains(log, `"operation":"access-named-version"`) || !strings.Contains(log, `"secret_id":"`+id+`"`) {
		t.Errorf("the log does not say which secret was read: %s", log)
	}
}

func TestWithoutAnAuditLineNoValueLeavesByNameEither(t *testing.T) {
	s := start(t)
	s.named("db-password", plaintext)
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "PutItem" {
			return wire.Refuse(500, "InternalServerError", "no")
		}
		return wire.Pass()
	})
	a := s.byName("db-password")
	if a.fault(503, 7011); strings.Contains(a.text, plaintext) {
		t.Error("a value left")
	}
}

func TestIfSeveralSecretsHaveTheNameNoneIsReadAndTheirIDsAreTold(t *testing.T) {
	s := start(t)
	one, other := s.named("db", "one"), s.named("db", "other")
	a := s.byName("db")
	metadata := a.fault(409, 7006)["metadata"].(map[string]any)
	ids := strings.Fields(metadata["ids"].(string))
	slices.Sort(ids)
	want := []string{one, other}
	slices.Sort(want)
	if !slices.Equal(ids, want) || metadata["reason"] != "NAME_NOT_UNIQUE" {
		t.Errorf("the refusal says %v", metadata)
	}
	s.wantDenials("conflict", one, other)

	s.delete(other, "1").want(204)
	if got := s.byName("db").want(200).str("value"); got != "one" {
		t.Errorf("the one that is left has the value %q", got)
	}
}

func TestOfManyNamesakesTheFirstTenAreTold(t *testing.T) {
	s := start(t)
	for range 11 {
		s.named("db", "x")
	}
	fault := s.byName("db").fault(409, 7006)
	ids := strings.Fields(fault["metadata"].(map[string]any)["ids"].(string))
	if len(ids) != 10 || !strings.Contains(fault["message"].(string), "more secrets have it") {
		t.Errorf("%d ids: %s", len(ids), fault["message"])
	}
}

func TestANameThatNoActiveSecretHasIs404(t *testing.T) {
	s := start(t)
	s.named("db-password", plaintext)
	for _, name := range []string{"db", "db-password ", "DB-PASSWORD", "db-password\n", "~", "%"} {
		s.byName(name).fault(404, 7002)
	}
	s.token = s.mint(auth.Grant{Workspace: "ws_other", Scopes: auth.Scopes})
	s.byName("db-password").fault(404, 7002)
	s.wantDenials("not_found")
}

func TestADeletedSecretsNameIs404AndWhoMaySeeTheTrashLearnsItsID(t *testing.T) {
	s := start(t)
	id := s.named("db-password", plaintext)
	s.byName("db-password").want(200)
	s.delete(id, "1").want(204)
	unknown := s.byName("no such name").text
	for _, c := range []struct {
		scopes []auth.Scope
		told   bool
	}{
		{[]auth.Scope{auth.Access}, false},
		{[]auth.Scope{auth.Access, auth.Write}, false},
		{[]auth.Scope{auth.Access, auth.Read}, true},
		{[]auth.Scope{auth.Access, auth.Restore}, true},
	} {
		s.switchTo(c.scopes...)
		a := s.byName("db-password")
		fault := a.fault(404, 7002)
		switch metadata, _ := fault["metadata"].(map[string]any); {
		case c.told && (metadata["ids"] != id || !strings.Contains(fault["message"].(string), "trash")):
			t.Errorf("%v: %s", c.scopes, a.text)
		case !c.told && a.text != unknown:
			t.Errorf("%v: %s differs from %s", c.scopes, a.text, unknown)
		}
	}
	s.wantDenials("not_found", id, id, id, id)
}

// "Is it still asked for?" is what one asks before an undelete. Who asks by name must count.
func TestTheTrashCountsThoseWhoAskForADeletedSecretByItsName(t *testing.T) {
	s := start(t)
	one, other := s.named("db", "one"), s.named("db", "other")
	s.delete(one, "1").want(204)
	s.delete(other, "1").want(204)
	reader := s.switchTo(auth.Scopes...)
	s.byName("db").fault(404, 7002)
	for id, item := range s.trash(request{}) {
		if got := asked(item); !strings.HasPrefix(got, "1 false ") || !strings.HasSuffix(got, reader) {
			t.Errorf("%s was asked for %s", id, got)
		}
	}
}

func TestAPurgedSecretsNameIsLikeOneThatNeverWas(t *testing.T) {
	s := start(t)
	id := s.named("db-password", plaintext)
	unknown := s.byName("no such name").text
	s.delete(id, "1").want(204)
	s.now = s.now.Add(retention)
	if got := s.byName("db-password").want(404).text; got != unknown {
		t.Errorf("at its deadline: %s", got)
	}
	s.hardDelete(s.named("other", plaintext), "1").want(204)
	if got := s.byName("other").want(404).text; got != unknown {
		t.Errorf("after a hard delete: %s", got)
	}
}

// The index of names shows the state before the last write until it settles.
func TestASecretThatHasLostTheNameIsNotReadByIt(t *testing.T) {
	for name, known := range map[string]bool{"found by the index alone": false, "read before by this container": true} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			id := s.named("db-password", plaintext)
			if known {
				s.byName("db-password").want(200)
			}
			s.cloud.Settle()
			s.rename(id, "1", "db-password-old").want(200)
			if a := s.call("access-named-version", request{name: "db-password"}); a.status != 503 || strings.Contains(a.text, plaintext) {
				t.Errorf("just renamed: %d %s", a.status, a.text)
			}
			s.byName("db-password").fault(404, 7002)
			s.byName("db-password-old").want(200)
		})
	}
}

func TestASecretDeletedAMomentAgoIsNotReadByItsNameAndTheAttemptIsInItsTrail(t *testing.T) {
	for name, known := range map[string]bool{"found by the index alone": false, "read before by this container": true} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			id := s.named("db-password", plaintext)
			if known {
				s.byName("db-password").want(200)
			}
			s.cloud.Settle()
			s.delete(id, "1").want(204)
			a := s.call("access-named-version", request{name: "db-password"})
			if metadata := a.fault(404, 7002)["metadata"].(map[string]any); metadata["ids"] != id {
				t.Errorf("the refusal says %v", metadata)
			}
			s.wantDenials("not_found", id)
		})
	}
}

func TestANameThatMovesToAnotherSecretLeadsToThatOne(t *testing.T) {
	s := start(t)
	one, other := s.named("db", "one"), s.named("db-next", "other")
	s.byName("db").want(200)
	s.rename(one, "1", "db-old").want(200)
	s.rename(other, "1", "db").want(200)
	if got := s.byName("db").want(200).str("value"); got != "other" {
		t.Errorf("the value is %q", got)
	}
}

func TestOneWorkspacesNameIsNotAnothers(t *testing.T) {
	s := start(t)
	s.named("db", "ours")
	s.byName("db").want(200)
	s.token = s.mint(auth.Grant{Workspace: "ws_other", Scopes: auth.Scopes})
	id := s.named("db", "theirs")
	s.cloud.Settle()
	s.cloud.ResetCalls()
	vid := firstVersionOf(id)
	if got := s.call("access-named-version", request{name: "db", vid: vid}).want(200).str("value"); got != "theirs" {
		t.Errorf("the value is %q", got)
	}
	s.wantSteps([]string{"dynamodb:Query"}, []string{"dynamodb:BatchGetItem"}, []string{"dynamodb:PutItem", "kms:Decrypt"})
}

func TestARefusalByNameIsShownAndCountedThoughItsLineCannotBeWritten(t *testing.T) {
	s := start(t)
	s.named("db", "one")
	s.named("db", "other")
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "PutItem" {
			return wire.Refuse(500, "InternalServerError", "no")
		}
		return wire.Pass()
	})
	s.byName("db").fault(409, 7006)
	if log := s.log.String(); !strings.Contains(log, `"AuditFailures":1`) {
		t.Errorf("the failure is not counted: %s", log)
	}
}

func TestAReadByNameIsRefusedAsOneByIDIs(t *testing.T) {
	s := start(t)
	id := s.named("db-password", plaintext)
	s.version(id, "second")
	access := func(vid string) response {
		s.cloud.Settle()
		return s.call("access-named-version", request{name: "db-password", vid: vid})
	}
	access("nope").fault(404, 7002)
	second := versionOf(id, "2")
	s.change("disable-secret-version", id, second).want(200)
	access(second).conflict("FAILED_PRECONDITION")
	s.change("destroy-secret-version", id, second).want(200)
	access(second).fault(410, 7014)
	s.wantDenialsIn(id, "not_found", "conflict", "gone")
}

func (s *service) wantDenialsIn(id string, reasons ...string) {
	s.t.Helper()
	var want []string
	for _, reason := range reasons {
		want = append(want, "access-named-version "+reason+" "+id)
	}
	slices.Sort(want)
	if got := s.denials(); !slices.Equal(got, want) {
		s.t.Errorf("the trail's refusals are %q, want %q", got, want)
	}
}

func TestACallerWithoutTheScopeLeavesItsLinesAndLearnsNothing(t *testing.T) {
	s := start(t)
	one, other, gone := s.named("db", "one"), s.named("db", "other"), s.named("gone", "x")
	s.delete(gone, "1").want(204)
	s.switchTo(auth.Read, auth.Write, auth.Restore, auth.Audit)
	var answers []string
	for _, name := range []string{"db", "gone", "no such name", strings.Repeat("x", 201), "\x00"} {
		answers = append(answers, s.byName(name).want(403).text)
	}
	if len(slices.Compact(answers)) != 1 {
		t.Errorf("the refusals differ: %q", answers)
	}
	s.wantDenials("forbidden", one, other, gone)
}

func TestAClientThatHasTheValueGets304ByNameToo(t *testing.T) {
	s := start(t)
	s.named("db-password", plaintext)
	etag := s.byName("db-password").want(200).headers["ETag"]
	s.cloud.ResetCalls()
	a := s.call("access-named-version", request{name: "db-password", headers: with("if-none-match", etag)}).want(304)
	if a.text != "" || s.called("kms:Decrypt")+s.called("dynamodb:PutItem") > 0 {
		t.Errorf("%q after %v", a.text, s.cloud.Calls())
	}
}

// The first versions of any two secrets have the same etag.
func TestANameThatHasComeToAnotherSecretIsNot304(t *testing.T) {
	s := start(t)
	old := s.named("db", "old")
	etag := s.byName("db").want(200).headers["ETag"]
	s.delete(old, "1").want(204)
	s.named("db", "new")
	s.cloud.Settle()
	a := s.call("access-named-version", request{name: "db", headers: with("if-none-match", etag)}).want(200)
	if a.str("value") != "new" || a.headers["ETag"] == etag {
		t.Errorf("%s with the etag %s, after %s", a.text, a.headers["ETag"], etag)
	}
}

func TestNamesOfAnyCharactersAreFoundExactly(t *testing.T) {
	s := start(t)
	names := []string{
		"prod/db/password", "100%", "100%25", "%2F", "/", "~", "~2F", "..", ".", "a+b c", "why?", "latest:access", "a#b&c=d",
		"λ世🔑", "é", "e\u0301", "\n", "\"quoted\"", strings.Repeat("🔑", 200),
	}
	for i, name := range names {
		s.named(name, fmt.Sprint("value ", i))
	}
	for i, name := range names {
		if got := s.byName(name).want(200).str("value"); got != fmt.Sprint("value ", i) {
			t.Errorf("%q leads to %q", name, got)
		}
	}
}

func TestWhatCannotBeANameIs400(t *testing.T) {
	s := start(t)
	for _, name := range []string{strings.Repeat("é", 201), "a\x00b", "\xff"} {
		if path := fmt.Sprint(s.byName(name).fault(400, 7001)["path"]); path != "[params name]" {
			t.Errorf("%q: the path is %s", name, path)
		}
	}
	event := s.event("access-named-version", request{})
	event.PathParameters["name"] = "~zz"
	if result, err := s.operations["access-named-version"](t.Context(), event); err != nil || result.StatusCode != 400 {
		t.Errorf("%d %s, %v", result.StatusCode, result.Body, err)
	}
	text := `{"x":1}`
	s.call("access-named-version", request{name: "db", body: &text}).fault(400, 7001)
}

func TestAReadByNameIsOneQueryBeforeAnAccessAndBesideItOnceTheNameIsKnown(t *testing.T) {
	s := start(t)
	r := request{name: "db-password", vid: firstVersionOf(s.named("db-password", plaintext))}
	s.cloud.Settle()
	open := []string{"dynamodb:PutItem", "kms:Decrypt"}
	s.cloud.ResetCalls()
	s.call("access-named-version", r).want(200)
	s.wantSteps([]string{"dynamodb:Query"}, []string{"dynamodb:BatchGetItem"}, open)

	meet := s.rendezvous("dynamodb:Query", "dynamodb:BatchGetItem")
	s.cloud.ResetCalls()
	s.call("access-named-version", r).want(200)
	s.wantSteps([]string{"dynamodb:Query", "dynamodb:BatchGetItem"}, open)
	meet.check(t)
}

// Whatever is made, renamed, deleted and undeleted, and however late the index is: a value that comes back is that of
// an active secret of that very name, and once the index has caught up the response is what the names say.
func TestNoReadByNameReturnsAValueOfAnotherName(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	s := start(t)
	type owned struct {
		id, name string
		etag     int
		active   bool
	}
	var all []*owned
	names := []string{"a", "b", "b/c"}
	some := func() string { return names[random.IntN(len(names))] }
	for range 120 {
		switch n := random.IntN(6); {
		case n == 0 && len(all) < 6 || len(all) == 0:
			name := some()
			o := &owned{name: name, etag: 1, active: true}
			o.id = s.named(name, "value of a secret")
			all = append(all, o)
		default:
			o := all[random.IntN(len(all))]
			switch {
			case !o.active:
				s.undelete(o.id, fmt.Sprint(o.etag)).want(200)
				o.active = true
			case n < 3:
				s.delete(o.id, fmt.Sprint(o.etag)).want(204)
				o.active = false
			default:
				o.name = some()
				s.rename(o.id, fmt.Sprint(o.etag), o.name).want(200)
			}
			o.etag++
		}
		s.now = s.now.Add(time.Second)
		name := some()
		var have []string
		for _, o := range all {
			if o.active && o.name == name {
				have = append(have, o.id)
			}
		}
		settled := random.IntN(2) == 0
		if settled {
			s.cloud.Settle()
		}
		before := len(s.trail())
		a := s.call("access-named-version", request{name: name})
		if a.status == 200 {
			read := s.lastRead(before)
			if !slices.Contains(have, read) {
				t.Fatalf("%q: %s was read, which does not have the name; %v have it", name, read, have)
			}
		}
		want := map[int]int{0: 404, 1: 200}[len(have)]
		if want == 0 {
			want = 409
		}
		if settled && a.status != want {
			t.Fatalf("%q: %d, want %d, %v have it: %s", name, a.status, want, have, a.text)
		}
	}
}

// lastRead returns the id of the secret whose value was read, by the trail's one new line.
func (s *service) lastRead(before int) string {
	s.t.Helper()
	var read []string
	for _, line := range s.trail() {
		if line["operation"] == "access-named-version" && line["outcome"] == "allowed" {
			read = append(read, line["sk"].(string)+" "+strings.TrimPrefix(line["pk"].(string), workspace+"#"))
		}
	}
	if len(read) == 0 || len(s.trail()) != before+1 {
		s.t.Fatalf("the trail has %d lines, %d before", len(s.trail()), before)
	}
	slices.Sort(read)
	_, id, _ := strings.Cut(read[len(read)-1], " ")
	return id
}
