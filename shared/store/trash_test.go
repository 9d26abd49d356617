package store_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloudtest"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// trashed is a deleted secret as a test puts it straight into the table.
type trashed struct {
	kind     secret.Kind
	name     string // empty: a long one
	id       string
	deadline time.Time
}

func (d trashed) row(t *testing.T, workspace string) map[string]types.AttributeValue {
	t.Helper()
	row, err := attributevalue.MarshalMap(map[string]any{
		"pk": workspace + "#" + d.id, "sk": "meta", "list_pk": workspace + "#soft_deleted", "list_sk": string(d.kind) + "#" + d.id,
		"workspace_id": workspace, "id": d.id, "secret_name": cmp.Or(d.name, strings.Repeat("n", 100)), "kind": d.kind, "secret_state": "soft_deleted",
		"version_count": 1, "enabled_version_count": 1, "created_at": 1, "updated_at": 1, "deleted_at": 1,
		"purge_at": d.deadline.Unix(), "revision": 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// is reports whether the list's filters let it pass.
func (d trashed) is(in store.ListSecrets) bool {
	return (in.Kind == "" || d.kind == in.Kind) && (in.Called == "" || d.name == in.Called)
}

// throwAway puts them into the table.
func (s table) throwAway(t *testing.T, workspace string, all []trashed) {
	t.Helper()
	var rows []map[string]types.AttributeValue
	for _, d := range all {
		rows = append(rows, d.row(t, workspace))
	}
	s.putRows(t, rows)
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

func TestAPageOfTheTrashCostsTheSameWhateverHasExpired(t *testing.T) {
	s, m := startMetered(t)
	s.throwAway(t, "ws_test", slices.Concat(some(secret.CloudflareAPI, 60, "a", noon.Add(time.Hour)), some(secret.Generic, 120, "b", noon.Add(2*time.Hour))))
	lists := map[string]store.ListSecrets{
		"of all kinds":    {Workspace: "ws_test", State: secret.SoftDeleted, Limit: 50},
		"of one kind":     {Workspace: "ws_test", State: secret.SoftDeleted, Kind: secret.Generic, Limit: 50},
		"of another kind": {Workspace: "ws_test", State: secret.SoftDeleted, Kind: secret.CloudflareAPI, Limit: 50},
	}
	bare, want := map[string][]bill{}, map[string][]string{}
	for name, list := range lists {
		bare[name], want[name] = m.bills(t, s, list, noon)
	}
	s.throwAway(t, "ws_test", slices.Concat(
		some(secret.Generic, 2000, "x", noon.Add(-2*time.Hour)), some(secret.CloudflareAPI, 500, "y", noon.Add(-time.Hour)),
		some(secret.WebhookSigning, 500, "z", noon.Add(-499*time.Second)), // up to noon itself
	))
	for name, list := range lists {
		got, shown := m.bills(t, s, list, noon)
		if !slices.Equal(shown, want[name]) {
			t.Errorf("%s: other secrets are shown than those before their deadline", name)
		}
		if !slices.Equal(got, bare[name]) {
			t.Errorf("%s: the pages took %v, without what has expired %v", name, got, bare[name])
		}
	}
	if bills := bare["of all kinds"]; bills[0].queries != 1 {
		t.Errorf("the first page took %d queries", bills[0].queries)
	}
}

func TestATrashOfOneKindOrNameReadsTheOthersInEverLargerSteps(t *testing.T) {
	s, m := startMetered(t)
	few := some(secret.AWS, 2, "b", noon.Add(2*time.Hour))
	few[0].name, few[1].name = "wanted", "wanted"
	s.throwAway(t, "ws_test", slices.Concat(some(secret.Generic, 1000, "a", noon.Add(time.Hour)), few))
	for name, list := range map[string]store.ListSecrets{
		"kind": {Workspace: "ws_test", State: secret.SoftDeleted, Kind: secret.AWS, Limit: 10},
		"name": {Workspace: "ws_test", State: secret.SoftDeleted, Called: "wanted", Limit: 10},
	} {
		bills, shown := m.bills(t, s, list, noon)
		if len(shown) != 2 || len(bills) != 1 || bills[0].queries > 7 { // 11 + 22 + … + 704
			t.Errorf("of one %s: %v are shown, for %v", name, shown, bills)
		}
	}
}

// TestAListOfTheTrashIsWhatAModelSays lists random secrets in random pages, while time passes.
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
				name:     []string{"db", "db2"}[random.IntN(2)],
				id:       fmt.Sprintf("sec_%d%03d", round, i),
				deadline: noon.Add(time.Duration(random.IntN(40)-25) * time.Second),
			})
		}
		s.throwAway(t, workspace, trash)
		list := store.ListSecrets{Workspace: workspace, State: secret.SoftDeleted, Limit: 1 + random.IntN(9)}
		if random.IntN(2) == 0 {
			list.Kind = secret.Generic
		}
		if random.IntN(2) == 0 {
			list.Called = "db"
		}
		var want []string // of those that are shown before their deadline
		_, shown := m.bills(t, s, list, noon)
		for _, d := range trash {
			if d.deadline.After(noon) && d.is(list) {
				want = append(want, d.id)
			}
		}
		if !slices.IsSortedFunc(shown, func(a, b string) int { return deadlineOf(trash, a).Compare(deadlineOf(trash, b)) }) {
			t.Errorf("round %d, %+v: %v are not sorted by deadline", round, list, shown)
		}
		slices.Sort(shown)
		slices.Sort(want)
		if !slices.Equal(shown, want) {
			t.Errorf("round %d, %+v: the pages show %v, want %v", round, list, shown, want)
		}
		s.pageWhileTimePasses(t, random, list, trash)
	}
}

// pageWhileTimePasses follows a list while secrets expire, and checks that none is left out that has not, and
// that none comes twice.
func (s table) pageWhileTimePasses(t *testing.T, random *rand.Rand, list store.ListSecrets, trash []trashed) {
	t.Helper()
	now, seen := noon, map[string]bool{}
	for pages := 0; pages == 0 || list.After != ""; pages++ {
		fits, room := random.IntN(list.Limit)+1, 0
		page, err := s.ListSecrets(t.Context(), list, func(secret.Secret) bool { room++; return room <= fits }, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range page.Items {
			if seen[found.ID] || found.Purged(now) {
				t.Errorf("%+v: %s comes twice, or is past its deadline", list, found.ID)
			}
			seen[found.ID] = true
		}
		list.After = page.Next
		now = now.Add(time.Duration(random.IntN(3)) * time.Second)
	}
	for _, d := range trash {
		if d.deadline.After(now) && d.is(list) && !seen[d.id] {
			t.Errorf("%+v: %s is on no page", list, d.id)
		}
	}
}

func deadlineOf(trash []trashed, id string) time.Time {
	return trash[slices.IndexFunc(trash, func(d trashed) bool { return d.id == id })].deadline
}
