package histories

import (
	"math"
	"testing"

	"github.com/anishathalye/porcupine"
)

// story is a history of one slot. Each request begins after the one before it, except those that
// meanwhile adds.
type story []porcupine.Operation

// then adds a request and its response after all others.
func (s story) then(in input, out output) story {
	at := int64(2 * len(s))
	return append(s, porcupine.Operation{Input: in, Output: out, Call: at, Return: at + 1})
}

// meanwhile adds a request that has been under way since the story began. If its outcome is unknown, it
// is under way until the story ends.
func (s story) meanwhile(in input, out output) story {
	s = s.then(in, out)
	last := &s[len(s)-1]
	last.Call = -1
	if out.unknown {
		last.Return = math.MaxInt64
	}
	return s
}

const noon = 1000

func secretIs(status int, state, etag string, versions, enabled int) output {
	return output{status: status, state: state, etag: etag, name: "n", count: versions, enabled: enabled}
}

func versionIs(status int, state, etag string, number int) output {
	return output{status: status, state: state, etag: etag, number: number}
}

// made is a story that makes a secret with one version. Its etag is "1".
func made() story {
	return story{}.then(input{op: "create", key: "k", value: "v1", now: noon}, secretIs(201, "active", "1", 1, 1))
}

// deleted is that story with a delete at noon. The etag is "2".
func deleted() story {
	return made().then(input{op: "delete", ifMatch: "1", now: noon}, output{status: 204, etag: "2"})
}

func restored() output { return secretIs(200, "active", "3", 1, 1) }

var (
	lost    = output{unknown: true}
	aborted = output{status: 409, reason: "ABORTED", etag: "2"}
	missing = output{status: 404}
)

func undelete(now int64) input { return input{op: "undelete", ifMatch: "2", now: now} }

func TestTheModelAllowsWhatTheContractAllows(t *testing.T) {
	get := input{op: "get", now: noon}
	for name, s := range map[string]story{
		"a delete and the way back": deleted().then(undelete(noon+retention-1), restored()),
		"no way back past the deadline": deleted().then(undelete(noon+retention), missing).
			then(input{op: "get", now: noon + retention}, missing),
		"a change whose answer was lost has happened":     made().then(input{op: "delete", ifMatch: "1", now: noon}, lost).then(undelete(noon), restored()),
		"a change whose answer was lost has not happened": made().then(input{op: "delete", ifMatch: "1", now: noon}, lost).then(get, secretIs(200, "active", "1", 1, 1)),
		"a change that was lost happens later": made().meanwhile(input{op: "delete", ifMatch: "1", now: noon}, lost).
			then(get, secretIs(200, "active", "1", 1, 1)).then(undelete(noon), restored()),
		"of two with one etag one wins": made().then(input{op: "update", name: "n", ifMatch: "1", now: noon}, secretIs(200, "active", "2", 1, 1)).
			then(input{op: "delete", ifMatch: "1", now: noon}, aborted),
		"a key that comes again": made().then(input{op: "append", value: "v2", key: "a", now: noon}, versionIs(201, "enabled", "20", 2)).
			then(input{op: "append", value: "v2", key: "a", now: noon}, versionIs(201, "enabled", "20", 2)),
		"a response that shows a later moment": made().then(input{op: "disable", number: 1, ifMatch: "10", now: noon}, versionIs(200, "disabled", "11", 1)).
			meanwhile(input{op: "update", name: "n", ifMatch: "1", now: noon}, secretIs(200, "active", "3", 1, 0)),
	} {
		if got := check(s); got != porcupine.Ok {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestTheModelAllowsNothingElse(t *testing.T) {
	get := func(now int64) input { return input{op: "get", now: now} }
	read := func(now int64) input { return input{op: "access", number: 1, now: now} }
	twice := input{op: "append", value: "v2", key: "a", now: noon}
	for name, s := range map[string]story{
		"an undelete past the deadline":            deleted().then(undelete(noon+retention), restored()),
		"a read past the deadline":                 deleted().then(get(noon+retention), output{status: 200, state: "soft_deleted", etag: "2", name: "n", count: 1, enabled: 1, purgeAt: noon + retention}),
		"gone before the deadline":                 deleted().then(get(noon+retention-1), missing),
		"a value of a deleted secret":              deleted().then(read(noon), output{status: 200, value: "v1", etag: "10"}),
		"another value":                            made().then(read(noon), output{status: 200, value: "v2", etag: "10"}),
		"a delete that succeeded and is not there": deleted().then(get(noon), secretIs(200, "active", "1", 1, 1)),
		"a change on a stale etag": made().then(input{op: "update", name: "n", ifMatch: "1", now: noon}, secretIs(200, "active", "2", 1, 1)).
			then(input{op: "delete", ifMatch: "1", now: noon}, output{status: 204, etag: "3"}),
		"a conflict for what was done":        made().then(input{op: "delete", ifMatch: "1", now: noon}, aborted).then(undelete(noon), restored()),
		"an etag that was used before":        deleted().then(undelete(noon), secretIs(200, "active", "1", 1, 1)),
		"an etag that did not change":         made().then(input{op: "update", name: "n", ifMatch: "1", now: noon}, secretIs(200, "active", "1", 1, 1)),
		"a second version under one key":      made().then(twice, versionIs(201, "enabled", "20", 2)).then(twice, versionIs(201, "enabled", "30", 3)),
		"a second secret's count":             made().then(get(noon), secretIs(200, "active", "1", 2, 2)),
		"a version that comes back enabled":   made().then(input{op: "disable", number: 1, ifMatch: "10", now: noon}, versionIs(200, "disabled", "11", 1)).then(read(noon), output{status: 200, value: "v1", etag: "11"}),
		"a destroyed version that is read":    made().then(input{op: "destroy", number: 1, ifMatch: "10", now: noon}, versionIs(200, "destroyed", "11", 1)).then(read(noon), output{status: 200, value: "v1", etag: "11"}),
		"a key whose retry is a conflict":     deleted().then(input{op: "undelete", key: "u", ifMatch: "2", now: noon}, restored()).then(input{op: "undelete", key: "u", ifMatch: "2", now: noon}, output{status: 409, etag: "3"}),
		"a hard delete that leaves something": made().then(input{op: "force", ifMatch: "1", now: noon}, output{status: 204}).then(get(noon), secretIs(200, "active", "1", 1, 1)),
		"a response from before its request":  deleted().then(undelete(noon), restored()).then(get(noon), output{status: 200, state: "soft_deleted", etag: "2", name: "n", count: 1, enabled: 1, purgeAt: noon + retention}),
	} {
		if got := check(s); got != porcupine.Illegal {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAHistoryIsShrunkToWhatShowsTheFault(t *testing.T) {
	s := made()
	for range 5 {
		s = s.then(input{op: "get", now: noon}, secretIs(200, "active", "1", 1, 1))
	}
	s = s.then(input{op: "delete", ifMatch: "1", now: noon}, output{status: 409, reason: "ABORTED", etag: "2"}).
		then(input{op: "get", now: noon}, output{status: 200, state: "soft_deleted", etag: "2", name: "n", count: 1, enabled: 1, purgeAt: noon + retention}).
		then(undelete(noon), restored())
	small := shrink(s)
	if len(small) > 3 || check(small) != porcupine.Illegal {
		t.Errorf("%d requests are left of %d: %v", len(small), len(s), small)
	}
	if !suspects(small)[s[6].Call] {
		t.Errorf("the false conflict is not among the suspects %v", suspects(small))
	}
	if legal := deleted(); len(suspects(legal)) != len(legal) {
		t.Error("in a history that is allowed each answer may be as it is")
	}
}
