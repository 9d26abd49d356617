package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// named is a secret as a test puts it straight into the table: active if it has no deadline.
type named struct {
	id, name string
	kind     secret.Kind
	labels   map[string]string
	deadline time.Time
}

func (n named) state() secret.State {
	if n.deadline.IsZero() {
		return secret.Active
	}
	return secret.SoftDeleted
}

func (n named) row(t *testing.T, workspace string) map[string]types.AttributeValue {
	t.Helper()
	fields := map[string]any{
		"pk": workspace + "#" + n.id, "sk": "meta", "list_pk": workspace + "#" + string(n.state()), "list_sk": string(n.kind) + "#" + n.id,
		"workspace_id": workspace, "id": n.id, "secret_name": n.name, "kind": n.kind, "secret_state": n.state(),
		"version_count": 1, "enabled_version_count": 1, "created_at": 1, "updated_at": 1, "revision": 2,
	}
	if n.labels != nil {
		fields["label_map"] = n.labels
	}
	if !n.deadline.IsZero() {
		fields["purge_at"], fields["deleted_at"] = n.deadline.Unix(), 1
	}
	row, err := attributevalue.MarshalMap(fields)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// put puts them into the table.
func (s table) put(t *testing.T, workspace string, all []named) {
	t.Helper()
	var rows []map[string]types.AttributeValue
	for _, n := range all {
		rows = append(rows, n.row(t, workspace))
	}
	s.putRows(t, rows)
}

// several returns n active secrets whose names begin alike and count up.
func several(n int, begin string) []named {
	var all []named
	for i := range n {
		all = append(all, named{id: fmt.Sprintf("sec_%s%05d", strings.ToLower(begin), i), name: fmt.Sprintf("%s%05d", begin, i), kind: secret.Generic})
	}
	return all
}

func TestAPageByNameCostsTheSameAmongTenOtherSecretsAndAmongTenThousand(t *testing.T) {
	s, m := startMetered(t)
	s.put(t, "ws_test", slices.Concat(several(60, "db"), several(5, "da"), several(5, "dc")))
	lists := map[string]store.ListSecrets{
		"by a name":         {Workspace: "ws_test", State: secret.Active, Name: "db00007", Limit: 50},
		"by a name of none": {Workspace: "ws_test", State: secret.Active, Name: "db7", Limit: 50},
		"by a prefix":       {Workspace: "ws_test", State: secret.Active, NamePrefix: "db", Limit: 50},
	}
	bare, want := map[string][]bill{}, map[string][]string{}
	for name, list := range lists {
		bare[name], want[name] = m.bills(t, s, list, noon)
	}
	s.put(t, "ws_test", slices.Concat(several(5000, "a"), several(2500, "dd"), several(2500, "z")))
	for name, list := range lists {
		got, shown := m.bills(t, s, list, noon)
		if !slices.Equal(shown, want[name]) || !slices.Equal(got, bare[name]) {
			t.Errorf("%s: the pages show %v for %v, without the ten thousand %v for %v", name, shown, got, want[name], bare[name])
		}
		for _, page := range got {
			if page.queries != 1 {
				t.Errorf("%s: the pages took %v", name, got)
			}
		}
	}
	if len(want["by a name"]) != 1 || len(want["by a name of none"]) != 0 || len(want["by a prefix"]) != 60 {
		t.Errorf("the pages show %v", want)
	}
}

// TestAListByNameOrLabelIsWhatAModelSays lists random secrets with random filters, in random pages.
func TestAListByNameOrLabelIsWhatAModelSays(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	s, m := startMetered(t)
	for round := range 60 {
		workspace := fmt.Sprintf("ws_round%d", round)
		var all []named
		for i := range random.IntN(60) {
			all = append(all, randomNamed(random, fmt.Sprintf("sec_%d%03d", round, i)))
		}
		s.put(t, workspace, all)
		for range 4 {
			list := randomList(random, workspace)
			if random.IntN(4) > 0 && len(all) > 0 { // mostly one that is there
				list = aimed(random, list, all[random.IntN(len(all))].name)
			}
			_, shown := m.bills(t, s, list, noon)
			checkList(t, list, all, shown)
		}
	}
}

var pieces = []string{"a", "b", "ab", "#", "ä", "𝄞", "%", "/", " ", "\n", "\"", "active#", strings.Repeat("𝄞", 150)}

func randomNamed(random *rand.Rand, id string) named {
	n := named{id: id, name: pieces[random.IntN(len(pieces))], kind: []secret.Kind{secret.Generic, secret.AWS, "a_kind_to_come"}[random.IntN(3)]}
	for range random.IntN(3) {
		n.name += pieces[random.IntN(len(pieces)-1)]
	}
	if random.IntN(3) > 0 {
		n.labels = map[string]string{"team": []string{"a", "b", ""}[random.IntN(3)], "x.y:#": "z"}
	}
	if random.IntN(2) > 0 {
		n.deadline = noon.Add(time.Duration(random.IntN(40)-15) * time.Second)
	}
	return n
}

func randomList(random *rand.Rand, workspace string) store.ListSecrets {
	list := store.ListSecrets{Workspace: workspace, State: []secret.State{secret.Active, secret.SoftDeleted}[random.IntN(2)], Limit: 1 + random.IntN(9)}
	if random.IntN(3) == 0 {
		list.Kind = secret.Generic
	}
	if random.IntN(2) == 0 {
		list.Label = &store.Label{Key: "team", Value: []string{"a", "", "none"}[random.IntN(3)]}
	}
	return list
}

// aimed makes list one by this name, or by its beginning.
func aimed(random *rand.Rand, list store.ListSecrets, name string) store.ListSecrets {
	if random.IntN(2) == 0 {
		list.Name = name
		return list
	}
	runes := []rune(name)
	list.NamePrefix = string(runes[:1+random.IntN(len(runes))])
	return list
}

func checkList(t *testing.T, list store.ListSecrets, all []named, shown []string) {
	t.Helper()
	byID, names := map[string]named{}, []string{}
	var want []string
	for _, n := range all {
		byID[n.id] = n
		if shows(list, n) {
			want = append(want, n.id)
		}
	}
	for _, id := range shown {
		names = append(names, byID[id].name)
	}
	if (list.Name != "" || list.NamePrefix != "") && !slices.IsSorted(names) {
		t.Errorf("%+v: %q are not sorted by name", list, names)
	}
	slices.Sort(shown)
	slices.Sort(want)
	if !slices.Equal(shown, want) {
		t.Errorf("%+v: the pages show %v, want %v", list, shown, want)
	}
}

func shows(list store.ListSecrets, n named) bool {
	has, labelled := "", false
	if list.Label != nil {
		has, labelled = n.labels[list.Label.Key], n.labels != nil
	}
	return n.state() == list.State && (n.deadline.IsZero() || n.deadline.After(noon)) &&
		(list.Kind == "" || n.kind == list.Kind) && (list.Name == "" || n.name == list.Name) && strings.HasPrefix(n.name, list.NamePrefix) &&
		(list.Label == nil || labelled && has == list.Label.Value)
}

func TestAListByNameShowsASecretUnderTheNameAndInTheStateThatItHas(t *testing.T) {
	s := startStore(t)
	one, other := s.make(t), s.make(t) // both are named n
	wantNamed := func(name string, state secret.State, now time.Time, want ...string) {
		t.Helper()
		s.cloud.Settle()
		page, err := s.ListSecrets(t.Context(), store.ListSecrets{Workspace: "ws_test", State: state, Name: name, Limit: 10}, all, now)
		var got []string
		for _, found := range page.Items {
			got = append(got, found.ID)
		}
		slices.Sort(got)
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s secrets named %s: %v, want %v, %v", state, name, got, want, err)
		}
	}
	wantNamed("n", secret.Active, noon, one.ID, other.ID)

	name := "m"
	if _, err := s.UpdateSecret(t.Context(), other.Ref, other.Etag, store.Patch{Name: &name}, by(noon)); err != nil {
		t.Fatal(err)
	}
	wantNamed("n", secret.Active, noon, one.ID)
	wantNamed("m", secret.Active, noon, other.ID)

	etag := s.remove(t, one.Ref, one.Etag)
	wantNamed("n", secret.Active, noon)
	wantNamed("n", secret.SoftDeleted, noon, one.ID)
	wantNamed("n", secret.SoftDeleted, noon.Add(time.Hour)) // its deadline

	if err := s.MarkForce(t.Context(), one.Ref, etag, by(noon), at(noon)); err != nil {
		t.Fatal(err)
	}
	wantNamed("n", secret.SoftDeleted, noon)
}

// TestAPageOfALabelThatFewHaveEndsAfterTenQueriesAndTheNextGoesOn has the one that is asked for behind 4,000
// others.
func TestAPageOfALabelThatFewHaveEndsAfterTenQueriesAndTheNextGoesOn(t *testing.T) {
	s, m := startMetered(t)
	last := named{id: "sec_z", name: "z", kind: secret.Generic, labels: map[string]string{"team": "a"}}
	s.put(t, "ws_test", append(several(4000, "a"), last))
	deleted := several(4000, "b")
	for i := range deleted {
		deleted[i].deadline = noon.Add(time.Hour)
	}
	gone := named{id: "sec_zz", name: "zz", kind: secret.Generic, labels: map[string]string{"team": "a"}, deadline: noon.Add(2 * time.Hour)}
	s.put(t, "ws_test", append(deleted, gone))
	label := &store.Label{Key: "team", Value: "a"}
	for want, list := range map[string]store.ListSecrets{
		last.id: {Workspace: "ws_test", State: secret.Active, Label: label, Limit: 1},
		gone.id: {Workspace: "ws_test", State: secret.SoftDeleted, Label: label, Limit: 1},
	} {
		bills, shown := m.bills(t, s, list, noon)
		if !slices.Equal(shown, []string{want}) || len(bills) != 2 || bills[0].queries != 10 { // 2 + 4 + … + 1024
			t.Errorf("%+v: the pages show %v for %v", list, shown, bills)
		}
	}
}
