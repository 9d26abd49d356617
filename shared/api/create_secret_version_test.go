package api_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
		t.Error("the first version's value has changed")
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
			t.Errorf("no writer got number %d: %v", n, numbers)
		}
	}
	now := s.call("get-secret", request{id: id})
	if now.json["version_count"] != 13.0 || now.json["enabled_version_count"] != 13.0 {
		t.Errorf("counts %v, %v", now.json["version_count"], now.json["enabled_version_count"])
	}
}

// TestAVersionThatMetAnotherOneIsSealedForItsOwnNumber makes another version between the first one's read
// of the secret and its write: its number is then taken.
func TestAVersionThatMetAnotherOneIsSealedForItsOwnNumber(t *testing.T) {
	s := start(t)
	id := s.create()
	s.meetAnother(id)
	if n := s.version(id, "the one").json["version_number"]; n != 3.0 {
		t.Fatalf("its number is %v", n)
	}
	s.cloud.Hook(nil)
	if got := s.call("access-secret-version", request{id: id}).want(200).str("value"); got != "the one" {
		t.Error("another value came back")
	}
}

// meetAnother has another version made between the next one's read of the secret and its write.
func (s *service) meetAnother(id string) {
	var met atomic.Bool
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "TransactWriteItems" && met.CompareAndSwap(false, true) {
			s.version(id, "the other")
		}
		return wire.Pass()
	})
	s.t.Cleanup(func() { s.cloud.Hook(nil) })
}

// TestARefusalDoesNotWaitForKMS: the secret is read while KMS works, and says no first.
func TestARefusalDoesNotWaitForKMS(t *testing.T) {
	s := start(t)
	short := s.createOf("webhook_signing")
	s.fail("kms", wire.Hang())
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r := request{headers: with("idempotency-key", "k"), body: body(`{"value":"too short"}`)}
	for id, status := range map[string]int{"sec_00000000000000000000000000": 404, short: 400} {
		r.id = id
		s.callWithin(ctx, "create-secret-version", r).want(status)
	}
	if ctx.Err() != nil {
		t.Error("the refusals waited for KMS")
	}
}

func TestWithoutKMSTheRefusalsOfAVersionAreWhatTheyWere(t *testing.T) {
	s := start(t)
	active, deleted, short := s.create(), s.deleted(), s.createOf("webhook_signing")
	s.fail("kms", wire.Refuse(400, "DisabledException", ""))
	for _, key := range []string{"", "k"} {
		for id, status := range map[string]int{"sec_00000000000000000000000000": 404, short: 400, active: 503, deleted: 503} {
			r := request{id: id, headers: with("idempotency-key", key), body: body(`{"value":"too short"}`)}
			s.call("create-secret-version", r).want(status)
		}
	}
	s.fail("dynamodb", wire.Refuse(400, "ProvisionedThroughputExceededException", ""))
	s.call("create-secret-version", request{id: active, body: body(`{"value":"x"}`)}).fault(429, 7008)
}

func TestAWebhooksNextValueIsLongEnoughToo(t *testing.T) {
	s := start(t)
	id := s.createOf("webhook_signing")
	a := s.call("create-secret-version", request{id: id, body: body(`{"value":"too short"}`)})
	a.fault(400, 7001)
	if got := a.paths(); got[0] != "body.value" {
		t.Errorf("paths %v", got)
	}
	s.call("create-secret-version", request{id: id, body: body(`{"value":"` + plaintext + `"}`)}).want(201)
}

func TestHalfATransactionOfARestoredTableIsMended(t *testing.T) {
	s := start(t)
	id := s.create()
	s.version(id, "the second value")
	s.uncount(id)
	third := s.call("create-secret-version", request{id: id, body: body(`{"value":"the third value"}`)}).want(201)
	if n := third.json["version_number"]; n != float64(3) {
		t.Errorf("version %v", n)
	}
	found := s.call("get-secret", request{id: id}).want(200)
	if found.json["version_count"] != float64(3) || found.json["enabled_version_count"] != float64(3) {
		t.Errorf("%s", found.text)
	}
	if value := s.call("access-secret-version", request{id: id, vid: "secv_" + id[len("sec_"):] + "_2"}).want(200).str("value"); value != "the second value" {
		t.Errorf("version 2 holds %q", value)
	}
}

// uncount undoes one half of the transaction that made the second version: the count. The row stays.
func (s *service) uncount(id string) { s.count(id, 1) }

func TestASecretTakesNoMoreThanAHundredThousandVersions(t *testing.T) {
	s := start(t)
	id := s.create()
	r := request{id: id, headers: with("idempotency-key", "k1"), body: body(`{"value":"another value"}`)}
	s.count(id, 99_999)
	last := s.call("create-secret-version", r).want(201)
	if n := last.json["version_number"]; n != float64(100_000) {
		t.Errorf("version %v", n)
	}
	s.call("create-secret-version", request{id: id, body: r.body}).conflict("FAILED_PRECONDITION")
	if again := s.call("create-secret-version", r).want(201); again.str("id") != last.str("id") {
		t.Errorf("a retry of the last one made %s", again.str("id"))
	}
	// Such a secret can still be deleted and brought back.
	etag := s.call("get-secret", request{id: id}).str("etag")
	s.undelete(id, strings.Trim(s.delete(id, etag).want(204).headers["ETag"], `"`)).want(200)
}
