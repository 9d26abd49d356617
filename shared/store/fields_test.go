package store

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestARowOfAListIsReadAsAnyOther: what is read by hand is what decode reads by reflection, of random
// rows: with attributes that are missing, of another type, or newer than this release.
func TestARowOfAListIsReadAsAnyOther(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	good := 0
	for range 20_000 {
		row := randomRow(random, metaRow)
		want, refused := decode[metaItem](row)
		got, err := listedMeta(row)
		if (err != nil) != (refused != nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%v is read as %+v (%v), by reflection as %+v (%v)", row, got, err, want, refused)
		}
		row = randomRow(random, versionRow)
		wantVersion, refused := decode[versionItem](row)
		gotVersion, err := listedVersion(row)
		if (err != nil) != (refused != nil) || err == nil && !reflect.DeepEqual(gotVersion, wantVersion) {
			t.Fatalf("%v is read as %+v (%v), by reflection as %+v (%v)", row, gotVersion, err, wantVersion, refused)
		}
		if err == nil {
			good++
		}
	}
	if good < 1000 {
		t.Errorf("only %d rows could be read", good)
	}
}

// The types of the attributes that a list's index holds: S, N, or M, a map whose attributes follow.
var (
	metaRow = map[string]any{
		"workspace_id": "S", "id": "S", "secret_name": "S", "kind": "S", "description": "S", "mime_type": "S", "secret_state": "S",
		"label_map": map[string]any{"a": "S", "b": "S"}, "version_aliases": map[string]any{"c": "N", "d": "N"},
		"validation":    map[string]any{"state": "S", "validated_at": "N", "error": "S"},
		"version_count": "N", "enabled_version_count": "N", "created_at": "N", "updated_at": "N", "deleted_at": "N", "purge_at": "N",
		"revision": "N",
	}
	versionRow = map[string]any{
		"version_number": "N", "version_state": "S", "version_comment": "S", "version_created_at": "N",
		"version_destroyed_at": "N", "version_revision": "N",
	}
)

func randomRow(random *rand.Rand, kinds map[string]any) item {
	row := item{}
	wrong := random.IntN(2) // in every other row some attribute may be of another type
	for name, kind := range kinds {
		if random.IntN(5) > 0 {
			row[name] = randomValue(random, kind, wrong)
		}
	}
	_, hasUsersNames := kinds["a"]
	if _, also := kinds["c"]; !hasUsersNames && !also && random.IntN(3) == 0 {
		row["newer"] = someBool
	}
	return row
}

var someBool = &types.AttributeValueMemberBOOL{Value: true}

func randomValue(random *rand.Rand, kind any, wrong int) types.AttributeValue {
	if wrong > 0 && random.IntN(30) == 0 {
		others := []types.AttributeValue{
			&types.AttributeValueMemberNULL{Value: true}, someBool, &types.AttributeValueMemberS{Value: "s"},
			&types.AttributeValueMemberM{Value: item{"x": someBool}}, &types.AttributeValueMemberL{},
			&types.AttributeValueMemberM{Value: item{}}, &types.AttributeValueMemberN{Value: "1.5"},
		}
		if kind == "S" { // reflection takes a number for a text
			others = others[:len(others)-1]
		}
		return others[random.IntN(len(others))]
	}
	switch kind := kind.(type) {
	case map[string]any:
		return &types.AttributeValueMemberM{Value: randomRow(random, kind)}
	default:
		if kind == "N" {
			return number(random.Int64N(1 << (random.IntN(40) + 1)))
		}
		return &types.AttributeValueMemberS{Value: []string{"", "a", "ünïcode ✓", `"\<&>`}[random.IntN(4)]}
	}
}
