package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/auth"
	"keepsake/shared/secret"
)

// trash returns the items of the trash's first page, by id.
func (s *service) trash(r request) map[string]map[string]any {
	s.t.Helper()
	items := map[string]map[string]any{}
	for _, item := range s.call("list-trash", r).want(200).json["data"].([]any) {
		found := item.(map[string]any)
		items[found["id"].(string)] = found
	}
	return items
}

// asked says what an item's reads_since says.
func asked(item map[string]any) string {
	reads := item["reads_since"].(map[string]any)
	return fmt.Sprint(reads["count"], " ", reads["more"], " ", reads["last_at"], " ", reads["last_by"])
}

// refusedReads tries to read a deleted secret.
func (s *service) refusedReads(id string, times int) {
	s.t.Helper()
	for range times {
		s.now = s.now.Add(time.Second)
		s.call("access-secret-version", request{id: id, vid: "latest"}).fault(404, 7002)
	}
}

// switchTo lets another token of the workspace make the calls, and returns its id.
func (s *service) switchTo(scopes ...auth.Scope) string {
	s.t.Helper()
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: scopes})
	return auth.TokenID(s.token)
}

func TestTheTrashSaysWhoDeletedASecretAndWhoStillAsksForIt(t *testing.T) {
	s := start(t)
	quiet, wanted := s.create(), s.create()
	s.call("access-secret-version", request{id: wanted, vid: "latest"}).want(200) // before the delete
	s.now = s.now.Add(time.Millisecond)
	deleter := s.switchTo(auth.Scopes...)
	s.delete(quiet, "1").want(204)
	s.delete(wanted, "1").want(204)
	reader := s.switchTo(auth.Scopes...)
	s.refusedReads(wanted, 3)

	items := s.trash(request{})
	for id, want := range map[string]string{quiet: "0 false <nil> <nil>", wanted: fmt.Sprint("3 false ", float64(s.now.Unix()), " ", reader)} {
		if got := asked(items[id]); got != want || items[id]["deleted_by"] != deleter {
			t.Errorf("deleted by %v, asked for %s, want %s, %s", items[id]["deleted_by"], got, deleter, want)
		}
	}
}

func TestTheTrashShowsASecretAsGetDoesAndTwoFieldsMore(t *testing.T) {
	s := start(t)
	id := s.createOf("cloud_provider/hcloud")
	s.update(id, "1", `{"name":"<\"ü\"&>","description":"d","labels":{"a":"b"},"version_aliases":{"stable":1}}`).want(200)
	s.delete(id, "2").want(204)
	got := s.call("get-secret", request{id: id}).want(200).json
	item := maps.Clone(s.trash(request{})[id])
	delete(item, "deleted_by")
	delete(item, "reads_since")
	if want, _ := json.Marshal(got); string(encodedJSON(t, item)) != string(want) {
		t.Errorf("listed %v, got %v", item, got)
	}
}

func encodedJSON(t *testing.T, v any) []byte {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestReadsBeforeTheDeleteDoNotCountThoughTheyAreOfItsSecond(t *testing.T) {
	s := start(t)
	id := s.create()
	s.call("access-secret-version", request{id: id, vid: "nope"}).fault(404, 7002) // refused, too
	s.now = s.now.Add(time.Millisecond)
	s.delete(id, "1").want(204)
	if got := asked(s.trash(request{})[id]); got != "0 false <nil> <nil>" {
		t.Errorf("asked for %s", got)
	}
	s.call("access-secret-version", request{id: id, vid: "latest"}).fault(404, 7002) // in the delete's millisecond
	if got := asked(s.trash(request{})[id]); !strings.HasPrefix(got, "1 false") {
		t.Errorf("asked for %s", got)
	}
}

func TestAReadThatTheDeleteOvertookDoesNotCount(t *testing.T) {
	s := start(t)
	id := s.create()
	s.before("dynamodb:PutItem", 1, func() { // the read was let in, and its line is not written yet
		s.now = s.now.Add(-time.Millisecond)
		s.delete(id, "1").want(204)
	})
	s.call("access-secret-version", request{id: id, vid: "latest"}).want(200)
	if got := asked(s.trash(request{})[id]); got != "0 false <nil> <nil>" {
		t.Errorf("asked for %s", got)
	}
}

func TestTheCountOfReadsBeginsAnewWithASecondDelete(t *testing.T) {
	s := start(t)
	id := s.deleted()
	s.refusedReads(id, 3)
	s.undelete(id, "2").want(200)
	if items := s.trash(request{}); len(items) != 0 {
		t.Errorf("an active secret is in the trash: %v", items)
	}
	s.now = s.now.Add(time.Second)
	second := s.switchTo(auth.Scopes...)
	s.delete(id, "3").want(204)
	s.refusedReads(id, 1)
	item := s.trash(request{})[id]
	if got := asked(item); !strings.HasPrefix(got, "1 false") || item["deleted_by"] != second {
		t.Errorf("deleted by %v, asked for %s", item["deleted_by"], got)
	}
}

func TestWhoDeletedIsAbsentIfTheRowDoesNotSay(t *testing.T) {
	s := start(t)
	id := s.deleted()
	s.set(id, "meta", "REMOVE deleted_by", nil)
	s.refusedReads(id, 1)
	item := s.trash(request{})[id]
	if _, there := item["deleted_by"]; there || !strings.HasPrefix(asked(item), "1 false") {
		t.Errorf("the item is %v", item)
	}
}

func TestTheTrashIsSortedByDeadlineAndComesInPagesEachOnce(t *testing.T) {
	s := start(t)
	var want []string
	for range 7 {
		want = append(want, s.deleted())
		s.now = s.now.Add(time.Second)
	}
	s.create()
	pages := s.pages("list-trash", request{query: with("limit", "3")})
	if len(pages) != 3 || len(pages[0]) != 3 || !slices.Equal(slices.Concat(pages...), want) {
		t.Errorf("the pages are %v, want %v", pages, want)
	}
	s.now = s.now.Add(retention - 4*time.Second)
	if got := slices.Concat(s.pages("list-trash", request{})...); !slices.Equal(got, want[4:]) {
		t.Errorf("once three and one more are past their deadline, the trash has %v, want %v", got, want[4:])
	}
}

func TestWhatLeavesTheTrashWhileAPageIsMadeIsLeftOut(t *testing.T) {
	for name, leave := range map[string]func(*service, string){
		"an undelete":                     func(s *service, id string) { s.undelete(id, "2").want(200) },
		"a purge":                         func(s *service, id string) { s.hardDelete(id, "2").want(204) },
		"a purge that has only begun":     func(s *service, id string) { s.set(id, "meta", "SET secret_state = :purging", state("purging")) },
		"an undelete and a second delete": func(s *service, id string) { s.undelete(id, "2").want(200); s.delete(id, "3").want(204) },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			var ids []string
			for range 4 {
				ids = append(ids, s.deleted())
				s.now = s.now.Add(time.Second)
			}
			s.before("dynamodb:BatchGetItem", 1, func() { leave(s, ids[1]) })
			pages := s.pages("list-trash", request{query: with("limit", "2")})
			if want := [][]string{{ids[0]}, {ids[2], ids[3]}}; !slices.EqualFunc(pages[:2], want, slices.Equal) {
				t.Errorf("the pages are %v, want %v", pages, want)
			}
		})
	}
}

func state(s secret.State) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{":purging": &types.AttributeValueMemberS{Value: string(s)}}
}

func TestTheTrashIsSeenWithReadOrRestoreAndInItsOwnWorkspaceAlone(t *testing.T) {
	s := start(t)
	id := s.deleted()
	for _, scope := range []auth.Scope{auth.Read, auth.Restore} {
		s.switchTo(scope)
		if items := s.trash(request{}); len(items) != 1 || items[id] == nil {
			t.Errorf("with %s alone: %v", scope, items)
		}
	}
	s.switchTo(auth.Write, auth.Access, auth.Audit)
	if scope := missingScope(s.call("list-trash", request{})); scope != "secrets:read" {
		t.Errorf("it asks for the scope %q", scope)
	}
	s.token = s.mint(grantFor("ws_other"))
	if a := s.call("list-trash", request{}).want(200); a.text != `{"data":[],"has_more":false,"next_cursor":null}`+"\n" {
		t.Errorf("another workspace sees %s", a.text)
	}
}

func TestTheTrashCanBeAskedForOneName(t *testing.T) {
	s := start(t)
	byName := map[string][]string{}
	for _, name := range []string{"db", "dB", "db ", "ünï𝄞", `a"b\c`, ":name", "#n OR 1=1", "a&b=c", strings.Repeat("𝄞", 200)} {
		for range 2 {
			id := s.call("create-secret", request{body: body(fields(map[string]string{"name": string(encodedJSON(t, name))}))}).want(201).str("id")
			s.delete(id, "1").want(204)
			byName[name] = append(byName[name], id)
			s.now = s.now.Add(time.Second)
		}
	}
	for name, want := range byName {
		pages := s.pages("list-trash", request{query: with("name", name, "limit", "1")})
		if got := slices.Concat(pages...); !slices.Equal(got, want) || len(pages) != 2 {
			t.Errorf("%q: %v, want %v", name, pages, want)
		}
	}
	if got := s.trash(request{query: with("name", "another")}); len(got) != 0 {
		t.Errorf("a name that no secret has: %v", got)
	}
}

func TestANameToLookForIsTextOfOneTo200Characters(t *testing.T) {
	s := start(t)
	for _, name := range []string{"", strings.Repeat("x", 201), "a\x00b", "a\xff"} {
		a := s.call("list-trash", request{query: with("name", name)})
		a.fault(400, 7001)
		if got := a.paths(); got[0] != "query.name" {
			t.Errorf("%q: paths %v", name, got)
		}
	}
	s.callRaw("list-trash", "name=a&name=b", request{}).fault(400, 7001)
}

func TestACursorOfTheTrashFitsItsOwnNameWorkspaceAndListAlone(t *testing.T) {
	s := start(t)
	for range 2 {
		s.deleted()
	}
	all := s.call("list-trash", request{query: with("limit", "1")}).str("next_cursor")
	named := s.call("list-trash", request{query: with("limit", "1", "name", "db")}).str("next_cursor")
	other := with("authorization", "Bearer "+s.mint(grantFor("ws_other")))
	for name, r := range map[string]request{
		"with a name":          {query: with("cursor", all, "name", "db")},
		"without its name":     {query: with("cursor", named)},
		"with another name":    {query: with("cursor", named, "name", "db2")},
		"of another workspace": {query: with("cursor", all), headers: other},
		"forged":               {query: with("cursor", forge("list-trash\n"+workspace+"\n", "0#sec_a"))},
	} {
		a := s.call("list-trash", r)
		if a.fault(400, 7001); !slices.Equal(a.paths(), []string{"query.cursor"}) {
			t.Errorf("%s: paths %v", name, a.paths())
		}
	}
	s.call("list-secrets", request{query: with("cursor", all, "state", "soft_deleted")}).fault(400, 7001)
	s.call("list-trash", request{query: with("cursor", all)}).want(200)
	s.call("list-trash", request{query: with("cursor", named, "name", "db")}).want(200)
}

func TestAPageOfTheTrashIsAQueryThenItsRowsBesideTheTrails(t *testing.T) {
	s := start(t)
	s.call("list-trash", request{}).want(200)
	s.cloud.ResetCalls()
	s.call("list-trash", request{}).want(200)
	s.wantCalls("dynamodb:Query") // an empty trash asks for nothing else

	s.deleted()
	s.deleted()
	together, missed := make(chan struct{}), atomic.Bool{}
	var came atomic.Int32
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action != "BatchGetItem" && !strings.Contains(string(c.Body), "AuditTable") {
			return wire.Pass()
		}
		if came.Add(1) == 3 {
			close(together)
		}
		select {
		case <-together:
		case <-time.After(time.Second): // they did not meet
			missed.Store(true)
		}
		return wire.Pass()
	})
	t.Cleanup(func() { s.cloud.Hook(nil) })
	s.cloud.ResetCalls()
	s.call("list-trash", request{}).want(200)
	s.wantSteps([]string{"dynamodb:Query"}, []string{"dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Query"})
	if missed.Load() {
		t.Error("the calls of the second step were made one after the other")
	}
}

func TestIfATrailCannotBeReadThePageIs503AndShowsNoCount(t *testing.T) {
	s := start(t)
	var ids []string
	for range 3 {
		ids = append(ids, s.deleted())
	}
	for name, verdict := range map[string]wire.Verdict{
		"lost":      wire.LoseRequest(),
		"throttled": wire.Refuse(400, "ThrottlingException", "words"),
		"denied":    wire.Refuse(400, "AccessDeniedException", "words"),
	} {
		s.cloud.Hook(func(c wire.Call) wire.Verdict {
			if c.Action == "Query" && strings.Contains(string(c.Body), ids[1]) {
				return verdict
			}
			return wire.Pass()
		})
		if a := s.call("list-trash", request{}); a.status != 503 || strings.Contains(a.text, "words") {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	s.cloud.Hook(nil)
	s.call("list-trash", request{}).want(200)
}

func TestAPageOfTheTrashNeverOutgrowsWhatLambdaTakes(t *testing.T) {
	s := start(t)
	want := s.heavy(20, `\`)
	for _, id := range want {
		s.set(id, "meta", "SET secret_state = :d, list_pk = :l, deleted_at = :n, purge_at = :p", map[string]types.AttributeValue{
			":d": &types.AttributeValueMemberS{Value: "soft_deleted"}, ":l": &types.AttributeValueMemberS{Value: workspace + "#soft_deleted"},
			":n": &types.AttributeValueMemberN{Value: fmt.Sprint(s.now.Unix())}, ":p": &types.AttributeValueMemberN{Value: fmt.Sprint(s.now.Unix() + 60)},
		})
	}
	var got []string
	pages := 0
	for query := with("limit", "100"); ; pages++ {
		a := s.call("list-trash", request{query: query}).want(200)
		if whole := encodedJSON(t, a.text); len(whole) > lambdaLimit {
			t.Fatalf("a page of %d bytes", len(whole))
		}
		for _, item := range a.json["data"].([]any) {
			got = append(got, item.(map[string]any)["id"].(string))
		}
		next, more := a.json["next_cursor"].(string)
		if !more {
			break
		}
		query["cursor"] = next
	}
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) || pages == 0 {
		t.Errorf("%d of %d secrets were shown, on %d pages", len(got), len(want), pages+1)
	}
}
