package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// trashed is a deleted secret as a test puts it straight into the table.
type trashed struct {
	kind     secret.Kind
	id       string
	deadline time.Time
	earlier  bool // an earlier release has deleted it: its sort key has no deadline
}

func (d trashed) sort() string {
	if d.earlier {
		return fmt.Sprintf("%s#%s", d.kind, d.id)
	}
	return fmt.Sprintf("%s#%010d#%s", d.kind, d.deadline.Unix(), d.id)
}

func (d trashed) row(t *testing.T) map[string]types.AttributeValue {
	t.Helper()
	row, err := attributevalue.MarshalMap(map[string]any{
		"pk": "ws_test#" + d.id, "sk": "meta", "list_pk": "ws_test#soft_deleted", "list_sk": d.sort(),
		"workspace_id": "ws_test", "id": d.id, "secret_name": strings.Repeat("n", 100), "kind": d.kind, "secret_state": "soft_deleted",
		"version_count": 1, "enabled_version_count": 1, "created_at": 1, "updated_at": 1, "deleted_at": 1,
		"purge_at": d.deadline.Unix(), "revision": 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// throwAway puts them into the table.
func (s table) throwAway(t *testing.T, all []trashed) {
	t.Helper()
	db := dynamodb.NewFromConfig(s.cloud.Config())
	for some := range slices.Chunk(all, 25) {
		var puts []types.WriteRequest
		for _, d := range some {
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: d.row(t)}})
		}
		for len(puts) > 0 {
			out, err := db.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"SecretsTable": puts}})
			if err != nil {
				t.Fatal(err)
			}
			puts = out.UnprocessedItems["SecretsTable"]
		}
	}
	s.cloud.Settle()
}

// meter counts the queries, and the read units that they take.
type meter struct {
	*dynamodb.Client
	queries int
	units   float64
}

func (m *meter) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.Client.Query(ctx, in, options...)
	if err == nil {
		m.queries, m.units = m.queries+1, m.units+*out.ConsumedCapacity.CapacityUnits
	}
	return out, err
}

func startMetered(t *testing.T) (table, *meter) {
	t.Helper()
	cloud := cloudtest.Start(t, cloudtest.Calm)
	m := &meter{Client: dynamodb.NewFromConfig(cloud.Config())}
	return table{store.New(m, "SecretsTable"), cloud}, m
}

// some returns n deleted secrets of a kind, whose deadlines are one second apart. They are named by from.
func some(kind secret.Kind, n int, from string, deadline time.Time) []trashed {
	var all []trashed
	for i := range n {
		all = append(all, trashed{kind: kind, id: fmt.Sprintf("sec_%s%05d", from, i), deadline: deadline.Add(time.Duration(i) * time.Second)})
	}
	return all
}

type bill struct {
	queries int
	units   float64
}

// bills follows a list to its end, and returns what each page took.
func (m *meter) bills(t *testing.T, s table, list store.ListSecrets, now time.Time) (bills []bill, shown []string) {
	t.Helper()
	for pages := 0; pages == 0 || list.After != ""; pages++ {
		m.queries, m.units = 0, 0
		page, err := s.ListSecrets(t.Context(), list, all, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range page.Items {
			shown = append(shown, found.ID)
		}
		bills = append(bills, bill{m.queries, m.units})
		if list.After = page.Next; list.After != "" && !list.IsPosition(list.After) {
			t.Fatalf("the page ends at %q, which is not a position", list.After)
		}
	}
	return bills, shown
}

// TestWhatHasExpiredHardlyMakesThePageOfATrashDearer holds the budget: a page of one kind costs the same. A
// page of all kinds costs one Query more for each kind of which it meets secrets past their deadline,
// and what a page of those weighs.
func TestWhatHasExpiredHardlyMakesThePageOfATrashDearer(t *testing.T) {
	s, m := startMetered(t)
	live := slices.Concat(some(secret.CloudflareAPI, 60, "a", noon.Add(time.Hour)), some(secret.Generic, 120, "b", noon.Add(time.Hour)))
	s.throwAway(t, live)
	lists := map[string]store.ListSecrets{
		"of all kinds":    {Workspace: "ws_test", State: secret.SoftDeleted, Limit: 50},
		"of one kind":     {Workspace: "ws_test", State: secret.SoftDeleted, Kind: secret.Generic, Limit: 50},
		"of another kind": {Workspace: "ws_test", State: secret.SoftDeleted, Kind: secret.CloudflareAPI, Limit: 50},
	}
	bare, want := map[string][]bill{}, map[string][]string{}
	for name, list := range lists {
		bare[name], want[name] = m.bills(t, s, list, noon)
	}
	s.throwAway(t, slices.Concat(
		some(secret.Generic, 2000, "x", noon.Add(-2*time.Hour)), some(secret.CloudflareAPI, 500, "y", noon.Add(-time.Hour)),
		some(secret.WebhookSigning, 500, "z", noon.Add(-499*time.Second)), // up to noon itself
	))
	for name, list := range lists {
		got, shown := m.bills(t, s, list, noon)
		if !slices.Equal(shown, want[name]) {
			t.Errorf("%s: other secrets are shown than those before their deadline", name)
		}
		if len(got) != len(bare[name]) {
			t.Fatalf("%s: %d pages instead of %d", name, len(got), len(bare[name]))
		}
		queries, units := 0, 0.0
		for i := range got {
			queries, units = queries+got[i].queries-bare[name][i].queries, units+got[i].units-bare[name][i].units
			if list.Kind != "" && got[i] != bare[name][i] {
				t.Errorf("%s, page %d: it took %+v, without what has expired %+v", name, i+1, got[i], bare[name][i])
			}
		}
		if kinds := 3; list.Kind == "" && (queries > kinds || units > float64(kinds)*bare[name][0].units) {
			t.Errorf("%s: all pages together took %d queries and %.1f units more", name, queries, units)
		}
		t.Logf("%s: %v, without what has expired %v", name, got, bare[name])
	}
}

func TestAPageThatMeetsAFewExpiredSecretsReadsOnlyWhatItLacks(t *testing.T) {
	s, m := startMetered(t)
	list := store.ListSecrets{Workspace: "ws_test", State: secret.SoftDeleted, Limit: 50}
	s.throwAway(t, some(secret.Generic, 120, "b", noon.Add(time.Hour)))
	bare, _ := m.bills(t, s, list, noon)
	s.throwAway(t, some(secret.Generic, 5, "x", noon.Add(-time.Hour)))
	got, _ := m.bills(t, s, list, noon)
	if first, most := got[0], (bill{bare[0].queries + 1, bare[0].units + 0.5}); first.queries > most.queries || first.units > most.units {
		t.Errorf("the page took %+v, want %+v at most", first, most)
	}
}

func TestWhatAnEarlierReleaseDeletedIsReadByThePage(t *testing.T) {
	s, m := startMetered(t)
	expired := some(secret.Generic, 300, "x", noon.Add(-time.Hour))
	for i := range expired {
		expired[i].earlier = true
	}
	s.throwAway(t, slices.Concat(expired, some(secret.Generic, 40, "b", noon.Add(time.Hour)), some(secret.Generic, 5, "c", noon.Add(-time.Hour)),
		some(secret.WebhookSigning, 10, "d", noon.Add(time.Hour))))
	list := store.ListSecrets{Workspace: "ws_test", State: secret.SoftDeleted, Limit: 50}
	bills, shown := m.bills(t, s, list, noon)
	if len(bills) != 1 || len(shown) != 50 || bills[0].queries > 2+300/51 {
		t.Errorf("%d secrets were shown, for %+v", len(shown), bills)
	}
}

// TestAListOfTheTrashIsWhatAModelSays lists random secrets, of each release, in random pages, while time
// passes.
func TestAListOfTheTrashIsWhatAModelSays(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	s, m := startMetered(t)
	for round := range 40 {
		workspace := fmt.Sprintf("ws_round%d", round)
		var trash []trashed
		for i := range random.IntN(60) {
			trash = append(trash, trashed{
				kind:     []secret.Kind{secret.Generic, secret.AWS, secret.WebhookSigning, "a_kind_to_come"}[random.IntN(4)],
				id:       fmt.Sprintf("sec_%d%03d", round, i),
				deadline: noon.Add(time.Duration(random.IntN(40)-25) * time.Second), earlier: random.IntN(4) == 0,
			})
		}
		s.throwAwayIn(t, workspace, trash)
		slices.SortFunc(trash, func(a, b trashed) int { return strings.Compare(a.sort(), b.sort()) })
		list := store.ListSecrets{Workspace: workspace, State: secret.SoftDeleted, Limit: 1 + random.IntN(9)}
		if random.IntN(2) == 0 {
			list.Kind = secret.Generic
		}
		earlier, kinds := 0, map[secret.Kind]bool{}
		for _, d := range trash {
			kinds[d.kind] = true
			if d.earlier {
				earlier++
			}
		}
		now, last := noon, "" // last is the sort key of the last one shown
		for pages := 0; pages == 0 || list.After != ""; pages++ {
			var want, sorts []string
			for _, d := range trash {
				if d.sort() > last && d.deadline.After(now) && (list.Kind == "" || d.kind == list.Kind) {
					want, sorts = append(want, d.id), append(sorts, d.sort())
				}
			}
			fits, room := random.IntN(list.Limit)+1, 0
			m.queries = 0
			page, err := s.ListSecrets(t.Context(), list, func(secret.Secret) bool { room++; return room <= fits }, now)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, found := range page.Items {
				got = append(got, found.ID)
			}
			n := min(fits, list.Limit, len(want))
			if !slices.Equal(got, want[:n]) || (page.Next != "") != (len(want) > n) {
				t.Fatalf("round %d, %+v: the page holds %v and goes on at %q, want the first %d of %v", round, list, got, page.Next, n, want)
			}
			if most := 1 + len(kinds) + earlier; m.queries > most {
				t.Errorf("round %d, %+v: %d queries, want %d at most", round, list, m.queries, most)
			}
			if list.After = page.Next; n > 0 {
				last = sorts[n-1]
			}
			now = now.Add(time.Duration(random.IntN(5)) * time.Second)
		}
	}
}

func (s table) throwAwayIn(t *testing.T, workspace string, all []trashed) {
	t.Helper()
	db := dynamodb.NewFromConfig(s.cloud.Config())
	for _, d := range all {
		row := d.row(t)
		for name, value := range map[string]string{"pk": workspace + "#" + d.id, "list_pk": workspace + "#soft_deleted", "workspace_id": workspace} {
			row[name] = &types.AttributeValueMemberS{Value: value}
		}
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("SecretsTable"), Item: row}); err != nil {
			t.Fatal(err)
		}
	}
	s.cloud.Settle()
}

func TestADeleteSortsByItsDeadlineAndAnUndeleteTakesItBack(t *testing.T) {
	s := startStore(t)
	for _, kind := range []secret.Kind{secret.Generic, secret.AWS, "a_kind_to_come"} {
		for _, key := range []string{"", "a key of " + string(kind)} {
			made := s.makeOf(t, kind)
			home := string(kind) + "#" + made.ID
			etag := made.Etag
			for _, deadline := range []time.Time{noon.Add(time.Hour), noon.Add(2 * time.Hour)} { // a second delete has its own
				next, err := s.DeleteSecret(t.Context(), made.Ref, etag, deadline, by(noon))
				if err != nil {
					t.Fatal(err)
				}
				if got, want := sortOf(s.row(t, made.Ref, "meta")), fmt.Sprintf("%s#%d#%s", kind, deadline.Unix(), made.ID); got != want {
					t.Errorf("deleted, it stands at %s, want %s", got, want)
				}
				if key != "" {
					key += "."
				}
				if _, err := s.UndeleteSecret(t.Context(), made.Ref, next, key, by(noon), at(noon)); err != nil {
					t.Fatal(err)
				}
				row := s.row(t, made.Ref, "meta")
				if got := sortOf(row); got != home {
					t.Errorf("undeleted, it stands at %s, want %s", got, home)
				}
				wantAttributes(t, row, false, "active_sk")
				etag = next + 1
			}
		}
	}
}

// TestASecretThatAnEarlierReleaseUndeletedIsListedAndComesHome: while two releases run side by side, the
// earlier one undeletes what the later one has deleted, and leaves its sort key as it is.
func TestASecretThatAnEarlierReleaseUndeletedIsListedAndComesHome(t *testing.T) {
	s := startStore(t)
	var want []string
	for range 3 {
		made := s.make(t)
		s.remove(t, made.Ref, made.Etag)
		s.undeleteByAnEarlierRelease(t, made.Ref)
		want = append(want, made.ID)
	}
	s.cloud.Settle()
	list := store.ListSecrets{Workspace: "ws_test", State: secret.Active, Kind: secret.Generic, Limit: 1}
	var got []string
	for pages := 0; pages == 0 || list.After != ""; pages++ {
		page, err := s.ListSecrets(t.Context(), list, all, noon)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Items[0].ID)
		if list.After = page.Next; list.After != "" && !list.IsPosition(list.After) {
			t.Fatalf("the page ends at %q, which is not a position", list.After)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	ref := secret.Ref{Workspace: "ws_test", ID: want[0]}
	etag := s.remove(t, ref, secret.FirstEtag+2)
	if _, err := s.UndeleteSecret(t.Context(), ref, etag, "", by(noon), at(noon)); err != nil {
		t.Fatal(err)
	}
	if got := sortOf(s.row(t, ref, "meta")); got != "generic#"+ref.ID {
		t.Errorf("it stands at %s", got)
	}
}

func (s table) undeleteByAnEarlierRelease(t *testing.T, ref secret.Ref) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(s.cloud.Config()).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String("SecretsTable"),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: ref.Workspace + "#" + ref.ID}, "sk": &types.AttributeValueMemberS{Value: "meta"},
		},
		UpdateExpression:         aws.String("SET secret_state = :active, list_pk = :list, revision = revision + :one REMOVE deleted_at, deleted_by, purge_at, purge_shard, #ttl"),
		ExpressionAttributeNames: map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":active": &types.AttributeValueMemberS{Value: "active"}, ":list": &types.AttributeValueMemberS{Value: ref.Workspace + "#active"},
			":one": &types.AttributeValueMemberN{Value: "1"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sortOf(row map[string]types.AttributeValue) string {
	sort, _ := row["list_sk"].(*types.AttributeValueMemberS)
	if sort == nil {
		return ""
	}
	return sort.Value
}

func TestADeleteIsOneWriteIfItsSecretIsGenericElseTwo(t *testing.T) {
	s := startStore(t)
	for kind, want := range map[secret.Kind]int{secret.Generic: 1, secret.AWS: 2} {
		made := s.makeOf(t, kind)
		s.cloud.ResetCalls()
		if _, err := s.DeleteSecret(t.Context(), made.Ref, made.Etag+1, noon.Add(time.Hour), by(noon)); code(err) != fault.Conflict {
			t.Errorf("%s, with a stale etag: %v", kind, err)
		}
		if calls := s.cloud.Calls(); len(calls) != 1 {
			t.Errorf("%s: a refused delete made the calls %v", kind, calls)
		}
		s.cloud.ResetCalls()
		s.remove(t, made.Ref, made.Etag)
		if calls := s.cloud.Calls(); len(calls) != want || slices.ContainsFunc(calls, func(c string) bool { return c != "dynamodb:UpdateItem" }) {
			t.Errorf("%s: a delete made the calls %v, want %d updates", kind, calls, want)
		}
	}
}

func TestADeleteOfAnyKindWhoseAnswerIsLostIsASuccess(t *testing.T) {
	s := startStore(t)
	for nth := range 3 {
		made := s.makeOf(t, secret.AWS)
		seen := 0
		s.cloud.Hook(func(c wire.Call) wire.Verdict {
			if seen++; seen == nth+1 {
				return wire.LoseAnswer()
			}
			return wire.Pass()
		})
		etag, err := s.DeleteSecret(t.Context(), made.Ref, made.Etag, noon.Add(time.Hour), by(noon))
		s.cloud.Hook(nil)
		if found, foundErr := s.GetSecret(t.Context(), made.Ref, noon); err != nil || foundErr != nil || etag != found.Etag || found.State != secret.SoftDeleted || etag != made.Etag+1 {
			t.Errorf("the answer to call %d is lost: etag %v, %v; the secret is %+v", nth+1, etag, err, found)
		}
	}
}
