package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"keepsake/infra/cloud/wire"
)

func TestANewVersionHasTheNextNumberAndIsTheLatest(t *testing.T) {
	s := start(t)
	id := s.create()
	a := s.call("create-secret-version", request{id: id, body: body(`{"value":"second","comment":"rotated"}`)}).want(201)
	want := map[string]any{
		"id": strings.Replace(firstVersionOf(id), "_1", "_2", 1), "secret_id": id, "version_number": 2.0,
		"state": "enabled", "comment": "rotated", "created_at": float64(s.now.Unix()),
	}
	for field, value := range want {
		if a.json[field] != value {
			t.Errorf("%s is %v, want %v", field, a.json[field], value)
		}
	}
	if a.headers["ETag"] != `"`+a.str("etag")+`"` {
		t.Errorf("ETag %s, etag %s", a.headers["ETag"], a.str("etag"))
	}
	if got := s.call("access-secret-version", request{id: id}).str("value"); got != "second" {
		t.Error("latest is not the new version")
	}
	if got := s.call("access-secret-version", request{id: id, vid: firstVersionOf(id)}).str("value"); got != plaintext {
		t.Error("the first version's value is another now")
	}
	now := s.call("get-secret", request{id: id})
	if now.json["version_count"] != 2.0 || now.json["enabled_version_count"] != 2.0 || now.str("etag") == "1" {
		t.Errorf("the secret is now %s", now.text)
	}
}

func TestTwelveWritersGetTwelveDenseNumbers(t *testing.T) {
	s := start(t)
	id := s.create()
	var mu sync.Mutex
	var wg sync.WaitGroup
	numbers := map[string]bool{}
	for i := range 12 {
		event := s.event("create-secret-version", request{id: id, body: body(fmt.Sprintf(`{"value":"v%d"}`, i))})
		wg.Go(func() {
			response, _ := s.operations["create-secret-version"](t.Context(), event)
			mu.Lock()
			defer mu.Unlock()
			if response.StatusCode != 201 {
				t.Errorf("%d %s", response.StatusCode, response.Body)
			}
			_, number, _ := strings.Cut(response.Body, `"version_number":`)
			number, _, _ = strings.Cut(number, ",")
			numbers[number] = true
		})
	}
	wg.Wait()
	for n := 2; n <= 13; n++ {
		if !numbers[fmt.Sprint(n)] {
			t.Errorf("nobody got number %d: %v", n, numbers)
		}
	}
	now := s.call("get-secret", request{id: id})
	if now.json["version_count"] != 13.0 || now.json["enabled_version_count"] != 13.0 {
		t.Errorf("counts %v, %v", now.json["version_count"], now.json["enabled_version_count"])
	}
}

func TestAVersionIsDisabledEnabledAndDestroyed(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	s.version(id, "second")

	if a := s.change("disable-secret-version", id, vid).want(200); a.str("state") != "disabled" {
		t.Errorf("state %s", a.str("state"))
	}
	s.call("access-secret-version", request{id: id, vid: vid}).conflict("FAILED_PRECONDITION")
	s.change("enable-secret-version", id, vid).want(200)
	s.call("access-secret-version", request{id: id, vid: vid}).want(200)

	gone := s.change("destroy-secret-version", id, vid).want(200)
	if gone.str("state") != "destroyed" || gone.json["destroyed_at"] != float64(s.now.Unix()) {
		t.Errorf("destroyed: %s", gone.text)
	}
	s.call("access-secret-version", request{id: id, vid: vid}).fault(410, 7014)
	for _, operation := range []string{"enable-secret-version", "disable-secret-version"} {
		s.change(operation, id, vid).conflict("FAILED_PRECONDITION")
	}
	for _, row := range s.rowsOf("SecretsTable", "v#0000000001") {
		for _, payload := range []string{"ciphertext", "wrapped_key"} {
			if _, there := row[payload]; there {
				t.Errorf("the destroyed version still has its %s", payload)
			}
		}
	}
}

func TestTheLatestIsTheNewestEnabledVersion(t *testing.T) {
	s := start(t)
	id := s.create()
	third := ""
	for _, value := range []string{"second", "third"} {
		third = s.version(id, value).str("id")
	}
	s.change("disable-secret-version", id, third).want(200)
	if got := s.call("access-secret-version", request{id: id}).str("value"); got != "second" {
		t.Error("latest is not the newest enabled version")
	}
	s.change("destroy-secret-version", id, strings.Replace(third, "_3", "_2", 1)).want(200)
	if got := s.call("access-secret-version", request{id: id}).str("value"); got != plaintext {
		t.Error("latest is not the newest enabled version")
	}
	s.change("enable-secret-version", id, third).want(200)
	if got := s.call("access-secret-version", request{id: id}).str("value"); got != "third" {
		t.Error("latest is not the newest enabled version")
	}
	for _, vid := range []string{firstVersionOf(id), third} {
		s.change("disable-secret-version", id, vid).want(200)
	}
	s.call("access-secret-version", request{id: id}).fault(404, 7002)
}

func TestAChangeThatIsNoneKeepsTheEtagWhateverIfMatchSays(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	for _, operation := range []string{"enable-secret-version", "disable-secret-version", "destroy-secret-version"} {
		first := s.change(operation, id, vid).want(200)
		secretEtag := s.call("get-secret", request{id: id}).str("etag")
		again := s.call(operation, request{id: id, vid: vid, headers: with("if-match", "999")}).want(200)
		if again.text != first.text || s.call("get-secret", request{id: id}).str("etag") != secretEtag {
			t.Errorf("%s: first %s, again %s", operation, first.text, again.text)
		}
	}
}

func TestAStaleVersionEtagIsRefusedWithTheCurrentOne(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	current := s.call("get-secret-version", request{id: id, vid: vid}).str("etag")
	// The secret's own etag is not the version's.
	for _, stale := range []string{"1", "7", "x"} {
		m := s.call("disable-secret-version", request{id: id, vid: vid, headers: with("if-match", stale)}).conflict("ABORTED")
		if m["etag"] != current {
			t.Errorf("current etag %v, want %s", m["etag"], current)
		}
	}
}

func TestASecretsEtagChangesExactlyWhenItsCountsDo(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	etag := func() string { return s.call("get-secret", request{id: id}).str("etag") }
	before := etag()
	s.change("disable-secret-version", id, vid).want(200)
	disabled := etag()
	if disabled == before {
		t.Error("a disabled version moves the count, but not the etag")
	}
	s.change("destroy-secret-version", id, vid).want(200)
	if etag() != disabled {
		t.Error("destroying a disabled version moves no count, but the etag")
	}
}

func TestVersionsOfADeletedSecretAreShownAndNotChanged(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	etag := s.call("get-secret-version", request{id: id, vid: vid}).str("etag")
	s.call("delete-secret", request{id: id, headers: with("if-match", "1")}).want(204)
	s.call("get-secret-version", request{id: id, vid: vid}).want(200)
	s.call("list-secret-versions", request{id: id}).want(200)
	for _, operation := range []string{"enable-secret-version", "disable-secret-version", "destroy-secret-version"} {
		s.call(operation, request{id: id, vid: vid, headers: with("if-match", etag)}).fault(404, 7002)
	}
	s.call("create-secret-version", request{id: id, body: body(`{"value":"x"}`)}).fault(404, 7002)
	s.call("update-secret", request{id: id, headers: with("if-match", "2"), body: body(`{"name":"x"}`)}).fault(404, 7002)

	s.now = s.now.Add(retention)
	s.call("get-secret-version", request{id: id, vid: vid}).fault(404, 7002)
	s.call("list-secret-versions", request{id: id}).fault(404, 7002)
}

func TestAnAliasLeadsToItsVersion(t *testing.T) {
	s := start(t)
	id := s.create()
	s.version(id, "second")
	s.call("update-secret", request{id: id, headers: with("if-match", "2"), body: body(`{"version_aliases":{"prod":1,"next":2}}`)}).want(200)
	s.cloud.ResetCalls()
	if got := s.call("access-secret-version", request{id: id, vid: "prod"}).want(200).str("value"); got != plaintext {
		t.Error("prod is not version 1")
	}
	if n := len(s.cloud.Calls()); n != 4 {
		t.Errorf("%d calls, want one read more than by id", n)
	}
	if got := s.call("access-secret-version", request{id: id, vid: "next"}).want(200).str("value"); got != "second" {
		t.Error("next is not version 2")
	}
	s.call("access-secret-version", request{id: id, vid: "none"}).fault(404, 7002)
	s.change("destroy-secret-version", id, firstVersionOf(id)).want(200)
	s.call("access-secret-version", request{id: id, vid: "prod"}).fault(410, 7014)
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

func TestAVersionRetriedUnderItsKeyIsMadeOnce(t *testing.T) {
	s := start(t)
	id := s.create()
	r := request{id: id, headers: with("idempotency-key", "k1"), body: body(`{"value":"second"}`)}
	first := s.call("create-secret-version", r).want(201)
	if again := s.call("create-secret-version", r).want(201); again.text != first.text {
		t.Errorf("first %s, again %s", first.text, again.text)
	}
	other := r
	other.body = body(`{"value":"third"}`)
	s.call("create-secret-version", other).conflict("IDEMPOTENCY_KEY_REUSED")
	other = r
	other.id = s.create()
	s.call("create-secret-version", other).conflict("IDEMPOTENCY_KEY_REUSED")

	s.call("delete-secret", request{id: id, headers: with("if-match", "2")}).want(204)
	if late := s.call("create-secret-version", r).want(201); late.text != first.text {
		t.Errorf("after the secret's deletion %s", late.text)
	}
}

func TestAVersionWhoseAnswerIsLostIsMadeOnce(t *testing.T) {
	s := start(t)
	for _, key := range []string{"", "k1"} {
		id := s.create()
		s.loseAnswersTo("dynamodb:TransactWriteItems", 1)
		s.call("create-secret-version", request{id: id, headers: with("idempotency-key", key), body: body(`{"value":"second"}`)}).want(201)
		s.cloud.Hook(nil)
		if n := s.call("get-secret", request{id: id}).json["version_count"]; n != 2.0 {
			t.Errorf("key %q: %v versions", key, n)
		}
	}
}

func TestAChangeOfAVersionWhoseAnswerIsLostIsDoneOnce(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, operation := range []string{"disable-secret-version", "enable-secret-version", "destroy-secret-version"} {
		etag := s.call("get-secret-version", request{id: id, vid: firstVersionOf(id)}).str("etag")
		s.loseAnswersTo("dynamodb:TransactWriteItems", 1)
		s.call(operation, request{id: id, vid: firstVersionOf(id), headers: with("if-match", etag)}).want(200)
		s.cloud.Hook(nil)
	}
	if n := s.call("get-secret", request{id: id}).json["enabled_version_count"]; n != 0.0 {
		t.Errorf("%v enabled versions", n)
	}
}

func TestALateRetryOfAnEnableDoesNotUndoALaterDisable(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	etag := s.change("disable-secret-version", id, vid).want(200).str("etag")
	r := request{id: id, vid: vid, headers: with("if-match", etag, "idempotency-key", "k1")}
	s.call("enable-secret-version", r).want(200)
	later := s.change("disable-secret-version", id, vid).want(200).str("etag")
	if a := s.call("enable-secret-version", r).want(200); a.str("state") != "disabled" {
		t.Error("the retry undid a disable that it did not know of")
	}
	r.headers = with("if-match", later, "idempotency-key", "k1")
	s.call("enable-secret-version", r).conflict("IDEMPOTENCY_KEY_REUSED")
	r.headers = with("if-match", later, "idempotency-key", "k2")
	s.call("enable-secret-version", r).want(200)
}

func TestVersionBudgets(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	etag := s.call("get-secret-version", request{id: id, vid: vid}).str("etag")

	s.cloud.ResetCalls()
	s.call("create-secret-version", request{id: id, body: body(`{"value":"x"}`)}).want(201)
	s.wantCalls("dynamodb:GetItem", "kms:GenerateDataKey", "dynamodb:TransactWriteItems")

	s.cloud.ResetCalls()
	etag = s.call("disable-secret-version", request{id: id, vid: vid, headers: with("if-match", etag)}).want(200).str("etag")
	s.wantCalls("dynamodb:BatchGetItem", "dynamodb:TransactWriteItems")

	s.cloud.ResetCalls()
	s.call("enable-secret-version", request{id: id, vid: vid, headers: with("if-match", etag, "idempotency-key", "k")}).want(200)
	s.wantCalls("dynamodb:BatchGetItem", "dynamodb:TransactWriteItems")

	for operation, calls := range map[string][]string{
		"get-secret-version":   {"dynamodb:GetItem", "dynamodb:Query"},
		"list-secret-versions": {"dynamodb:GetItem", "dynamodb:Query"},
	} {
		meet := s.rendezvous(calls[0], calls[1])
		s.call(operation, request{id: id, vid: vid}).want(200)
		meet.check(t)
	}
	s.cloud.Hook(nil)
	s.cloud.ResetCalls()
	s.call("list-secrets", request{}).want(200)
	s.wantCalls("dynamodb:Query")
}

func TestAnEnableThatMeetsADeleteHasOneOutcome(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	etag := s.change("disable-secret-version", id, vid).want(200).str("etag")
	secretEtag := s.call("get-secret", request{id: id}).str("etag")
	// The delete happens between the enable's read and its write.
	var once sync.Once
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "TransactWriteItems" {
			once.Do(func() {
				s.call("delete-secret", request{id: id, headers: with("if-match", secretEtag)}).want(204)
			})
		}
		return wire.Pass()
	})
	s.call("enable-secret-version", request{id: id, vid: vid, headers: with("if-match", etag)}).fault(404, 7002)
	if got := s.call("get-secret-version", request{id: id, vid: vid}).str("state"); got != "disabled" {
		t.Errorf("state %s", got)
	}
}
