package api_test

import (
	"sync"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
)

// Two faults at once: a write is carried out and its response is lost, and before the function sends it
// again another caller changes the secret.

func TestAWriteWhoseAnswerIsLostIsASuccessThoughOthersWroteSince(t *testing.T) {
	for name, c := range map[string]struct {
		deleted bool
		do      func(s *service, id string) response
		others  func(s *service, id string)
		status  int
		etag    string
	}{
		"update, then an update": {
			do:     func(s *service, id string) response { return s.rename(id, "1", "mine") },
			others: func(s *service, id string) { s.rename(id, "2", "theirs").want(200) },
			status: 200, etag: `"3"`,
		},
		"update, then a delete": {
			do:     func(s *service, id string) response { return s.rename(id, "1", "mine") },
			others: func(s *service, id string) { s.delete(id, "2").want(204) },
			status: 200, etag: `"3"`,
		},
		"delete, then an undelete": {
			do:     func(s *service, id string) response { return s.delete(id, "1") },
			others: func(s *service, id string) { s.undelete(id, "2").want(200) },
			status: 204, etag: `"2"`,
		},
		"delete, then an undelete and another delete": {
			do: func(s *service, id string) response { return s.delete(id, "1") },
			others: func(s *service, id string) {
				s.undelete(id, "2").want(200)
				s.delete(id, "3").want(204)
			},
			status: 204, etag: `"2"`,
		},
		"undelete, then a delete": {
			deleted: true,
			do:      func(s *service, id string) response { return s.undelete(id, "2") },
			others:  func(s *service, id string) { s.delete(id, "3").want(204) },
			status:  200, etag: `"4"`,
		},
		"undelete, then an update": {
			deleted: true,
			do:      func(s *service, id string) response { return s.undelete(id, "2") },
			others:  func(s *service, id string) { s.rename(id, "3", "theirs").want(200) },
			status:  200, etag: `"4"`,
		},
		"hard delete, then an attempt to undelete": {
			do:     func(s *service, id string) response { return s.hardDelete(id, "1") },
			others: func(s *service, id string) { s.undelete(id, "2").want(404) },
			status: 204,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			id := s.create()
			if c.deleted {
				s.delete(id, "1").want(204)
			}
			s.meanwhile("UpdateItem", wire.LoseAnswer(), func() { c.others(s, id) })
			if a := c.do(s, id).want(c.status); a.headers["ETag"] != c.etag {
				t.Errorf("ETag %s, want %s", a.headers["ETag"], c.etag)
			}
		})
	}
}

func TestAWriteThatNeverArrivedIsStaleIfOthersWroteSince(t *testing.T) {
	for name, c := range map[string]struct {
		do     func(s *service, id string) response
		others func(s *service, id string)
		status int
		code   float64
	}{
		"update": {
			do:     func(s *service, id string) response { return s.rename(id, "1", "mine") },
			others: func(s *service, id string) { s.rename(id, "1", "theirs").want(200) },
			status: 409, code: 7006,
		},
		"delete": {
			do:     func(s *service, id string) response { return s.delete(id, "1") },
			others: func(s *service, id string) { s.rename(id, "1", "theirs").want(200) },
			status: 409, code: 7006,
		},
		"delete, and others deleted": {
			do:     func(s *service, id string) response { return s.delete(id, "1") },
			others: func(s *service, id string) { s.delete(id, "1").want(204) },
			status: 404, code: 7002,
		},
		"hard delete": {
			do: func(s *service, id string) response { return s.hardDelete(id, "1") },
			others: func(s *service, id string) {
				s.call("create-secret-version", request{id: id, body: body(`{"value":"another value"}`)}).want(201)
			},
			status: 409, code: 7006,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			id := s.create()
			s.meanwhile("UpdateItem", wire.LoseRequest(), func() { c.others(s, id) })
			c.do(s, id).fault(c.status, c.code)
		})
	}
}

// overtakings is more changes than a row remembers.
const overtakings = 9

func TestAWriteOvertakenFurtherThanTheRowRemembersIsNotCalledStale(t *testing.T) {
	for name, first := range map[string]wire.Verdict{"its response was lost": wire.LoseAnswer(), "it was lost itself": wire.LoseRequest()} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			id := s.create()
			s.meanwhile("UpdateItem", first, func() {
				for range overtakings {
					s.rename(id, s.call("get-secret", request{id: id}).str("etag"), "theirs").want(200)
				}
			})
			s.rename(id, "1", "mine").fault(503, 7011) // the function cannot know which of the two it was
			s.cloud.Hook(nil)
			s.rename(id, "1", "again").conflict("ABORTED") // sent once: it has not been carried out
		})
	}
}

func TestAWriteWhoseSecretIsErasedMeanwhileIsNotCalledNotFound(t *testing.T) {
	s := start(t)
	id := s.deleted()
	s.meanwhile("UpdateItem", wire.LoseAnswer(), func() { s.hardDelete(id, "3").want(204) })
	s.undelete(id, "2").fault(503, 7011)
	s.cloud.Hook(nil)
	s.undelete(id, "2").fault(404, 7002)
}

// pastTheDeadline loses the first call of this action, and moves the clock to the purge deadline before
// the function sends it again.
func (s *service) pastTheDeadline(action string) {
	s.now = s.now.Add(retention - time.Second)
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action != action || s.late.Swap(int64(time.Second)) != 0 {
			return wire.Pass()
		}
		return wire.LoseRequest()
	})
}

func TestAnUndeleteThatIsSentAgainPastTheDeadlineRestoresNothing(t *testing.T) {
	for key, action := range map[string]string{"": "UpdateItem", "k1": "TransactWriteItems"} {
		s := start(t)
		id := s.deleted()
		s.pastTheDeadline(action)
		a := s.undelete(id, "2", key)
		s.cloud.Hook(nil)
		a.fault(404, 7002)
		s.late.Store(0)
		if state := s.call("get-secret", request{id: id}).want(200).str("state"); state != "soft_deleted" {
			t.Errorf("key %q: the secret is %s", key, state)
		}
	}
}

func TestAHardDeleteThatIsSentAgainPastTheDeadlineIsNotFound(t *testing.T) {
	s := start(t)
	id := s.deleted()
	s.pastTheDeadline("UpdateItem")
	s.hardDelete(id, "2").fault(404, 7002)
}

func TestAVersionOperationThatMeetsAHardDeleteIsNotFound(t *testing.T) {
	for name, erased := range map[string]bool{"erased": true, "marked": false} {
		for _, operation := range []string{"enable", "disable", "destroy"} {
			t.Run(operation+", "+name, func(t *testing.T) {
				s := start(t)
				id := s.create()
				vid, etag := firstVersionOf(id), "1000000001"
				if operation == "enable" {
					etag = s.changeVersion("disable", vid, id, etag, "").want(200).str("etag")
				}
				current := s.call("get-secret", request{id: id}).str("etag")
				once := sync.Once{}
				s.cloud.Hook(func(c wire.Call) wire.Verdict {
					if c.Action == "TransactWriteItems" {
						once.Do(func() { s.hardDelete(id, current).want(204) })
					}
					if !erased && (c.Action == "Query" || c.Action == "DeleteItem") { // the erasing gets nowhere
						return wire.Refuse(400, "ResourceNotFoundException", "")
					}
					return wire.Pass()
				})
				fault := s.changeVersion(operation, vid, id, etag, "").fault(404, 7002)
				if fault["message"] != "Not Found: there is no such secret" { // and none to undelete
					t.Errorf("message %q", fault["message"])
				}
			})
		}
	}
}

func TestACreateVersionWhoseAnswerIsLostMakesOneVersionThoughOthersChangeIt(t *testing.T) {
	s := start(t)
	id := s.create()
	second := "secv_" + id[len("sec_"):] + "_2"
	s.meanwhile("TransactWriteItems", wire.LoseAnswer(), func() {
		s.changeVersion("disable", second, id, "2000000001", "").want(200)
	})
	if made := s.call("create-secret-version", request{id: id, body: body(`{"value":"another value"}`)}).want(201); made.str("id") != second {
		t.Errorf("made %s", made.str("id"))
	}
	s.cloud.Hook(nil)
	if n := s.call("get-secret", request{id: id}).json["version_count"]; n != float64(2) {
		t.Errorf("%v versions", n)
	}
}

// A transaction that was sent twice, the first time without a response, and refused the second time
// because the secret is deleted: the first may still be on its way, and be carried out after an undelete.
func TestAVersionOperationWhoseSecretIsDeletedMeanwhileSaysWhatIsKnown(t *testing.T) {
	done := map[string]int{"create": 201, "disable": 200, "destroy": 200}
	for name, do := range map[string]func(s *service, id, version string) response{
		"create": func(s *service, id, _ string) response {
			return s.call("create-secret-version", request{id: id, body: body(`{"value":"another value"}`)})
		},
		"disable": func(s *service, id, version string) response {
			return s.changeVersion("disable", version, id, "1000000001", "")
		},
		"destroy": func(s *service, id, version string) response {
			return s.changeVersion("destroy", version, id, "1000000001", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			for _, c := range []struct {
				first  wire.Verdict
				status int
			}{
				{wire.LoseRequest(), 503},
				{wire.Refuse(400, "ThrottlingException", "once more"), 404}, // it will not come again
				{wire.LoseAnswer(), done[name]},
			} {
				id := s.create()
				s.meanwhile("TransactWriteItems", c.first, func() { s.delete(id, s.etag(id)).want(204) })
				do(s, id, firstVersionOf(id)).want(c.status)
				s.cloud.Hook(nil)
			}
		})
	}
}

// A version's first request is lost, the second is refused, and the first may still be on its way.
func TestAChangeThatMayStillArriveIsNotCalledRefusedOrDone(t *testing.T) {
	s := start(t)
	id := s.create()
	first := firstVersionOf(id)
	second := first[:len(first)-1] + "2"
	for _, c := range []struct {
		operation, version, etag string
		refused                  int
	}{
		{"disable", first, "1000000003", 409},  // an etag that the version may have later
		{"enable", first, "1000000002", 200},   // enabled, and it may be disabled
		{"disable", second, "2000000001", 404}, // a version that may be made
	} {
		s.meanwhile("TransactWriteItems", wire.LoseRequest(), func() {})
		s.changeVersion(c.operation, c.version, id, c.etag, "").want(503)
		s.meanwhile("TransactWriteItems", wire.Refuse(400, "ThrottlingException", "once more"), func() {})
		s.changeVersion(c.operation, c.version, id, c.etag, "").want(c.refused) // it will not come again
		s.cloud.Hook(nil)
	}
	s.meanwhile("TransactWriteItems", wire.LoseRequest(), func() { s.changeVersion("destroy", first, id, "1000000001", "").want(200) })
	s.changeVersion("disable", first, id, "1000000009", "").conflict("FAILED_PRECONDITION") // it keeps its etag for ever
}
