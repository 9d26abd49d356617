package api_test

import (
	"strings"
	"sync"
	"testing"

	"keepsake/infra/cloud/wire"
)

// stale collects, from now on, the reads that may see an older state of the table. Reads of a global
// index are left out: DynamoDB offers no consistent ones.
func (s *service) stale() func() []string {
	var mu sync.Mutex
	var found []string
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		text := string(c.Body)
		read := c.Action == "GetItem" || c.Action == "BatchGetItem" || c.Action == "Query"
		if read && !strings.Contains(text, `"ConsistentRead":true`) && !strings.Contains(text, `"IndexName":"list"`) && !strings.Contains(text, `"IndexName":"trash"`) && !strings.Contains(text, `"IndexName":"names"`) {
			mu.Lock()
			defer mu.Unlock()
			found = append(found, c.Action+" "+text)
		}
		return wire.Pass()
	})
	return func() []string { mu.Lock(); defer mu.Unlock(); return found }
}

func TestEveryReadSeesWhatTheLastWriteHasLeft(t *testing.T) {
	s := start(t)
	id := s.create()
	key := with("idempotency-key", "k")
	r := request{id: id, headers: key, body: body(`{"value":"second"}`)}
	first, trashed := firstVersionOf(id), s.deleted()
	s.update(id, "1", `{"name":"the one","version_aliases":{"stable":1}}`).want(200)
	s.restart()
	for name, read := range map[string]func(){
		"get":                   func() { s.call("get-secret", request{id: id}).want(200) },
		"get version":           func() { s.call("get-secret-version", request{id: id, vid: first}).want(200) },
		"list versions":         func() { s.call("list-secret-versions", request{id: id}).want(200) },
		"list enabled versions": func() { s.call("list-secret-versions", request{id: id, query: with("state", "enabled")}).want(200) },
		"list events":           func() { s.call("list-secret-events", request{id: id}).want(200) },
		"list trash": func() {
			if len(s.trash(request{})) != 1 {
				t.Errorf("%s is not in the trash", trashed)
			}
		},
		"access latest": func() { s.call("access-secret-version", request{id: id}).want(200) },
		"access latest, known": func() {
			s.call("access-secret-version", request{id: id}).want(200)
			s.call("access-secret-version", request{id: id}).want(200)
		},
		"access by id":            func() { s.call("access-secret-version", request{id: id, vid: first}).want(200) },
		"access by alias":         func() { s.call("access-secret-version", request{id: id, vid: "stable"}).want(200) },
		"access by name":          func() { s.byName("the one").want(200) },
		"access by name, known":   func() { s.byName("the one").want(200) },
		"create version":          func() { s.call("create-secret-version", r).want(201) },
		"create version, retried": func() { s.call("create-secret-version", r).want(201) },
		"enable":                  func() { s.change("enable-secret-version", id, first).want(200) },
	} {
		stale := s.stale()
		read()
		for _, call := range stale() {
			t.Errorf("%s: %s", name, call)
		}
	}
}

func TestARetryForASecretThatIsDeletedMeanwhileSeesItsRecord(t *testing.T) {
	s := start(t)
	id := s.create()
	r := request{id: id, headers: with("idempotency-key", "k"), body: body(`{"value":"second"}`)}
	made := s.call("create-secret-version", r).want(201)
	etag := s.call("get-secret", request{id: id}).str("etag")
	s.call("delete-secret", request{id: id, headers: with("if-match", etag)}).want(204)
	stale := s.stale()
	if again := s.call("create-secret-version", r).want(201); again.text != made.text {
		t.Errorf("first %s, again %s", made.text, again.text)
	}
	for _, call := range stale() {
		t.Error(call)
	}
}
