package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

type row struct {
	PK, SK, State, Shard string
	Number, Count        string
}

// written returns the rows that a seed writes.
func written(t *testing.T, data seed) []row {
	t.Helper()
	p := prototypes{
		active: rowsOf{"sec_a", `{"pk":{"S":"w#sec_a"},"sk":{"S":"meta"},"state":{"S":"active"},"version_count":{"N":"1"}}`,
			`{"pk":{"S":"w#sec_a"},"sk":{"S":"v#0000000001"},"version_number":{"N":"1"}}`},
		deleted: rowsOf{"sec_d", `{"pk":{"S":"w#sec_d"},"sk":{"S":"meta"},"state":{"S":"soft_deleted"},"purge_shard":{"S":"3"}}`,
			`{"pk":{"S":"w#sec_d"},"sk":{"S":"v#0000000001"},"version_number":{"N":"1"}}`},
	}
	var out strings.Builder
	p.rows(&out, data)
	var all []row
	for lines := bufio.NewScanner(strings.NewReader(out.String())); lines.Scan(); {
		var line struct{ Item map[string]map[string]string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%v: %s", err, lines.Bytes())
		}
		i := line.Item
		all = append(all, row{i["pk"]["S"], i["sk"]["S"], i["state"]["S"], i["purge_shard"]["S"], i["version_number"]["N"], i["version_count"]["N"]})
	}
	return all
}

func TestEachCopyIsASecretOfItsOwnAndTheGivenShareIsDeleted(t *testing.T) {
	rows := written(t, seed{rows: 400, deleted: 0.9, versions: 1})
	keys, shards, deleted := map[string]bool{}, map[string]bool{}, 0
	for _, r := range rows {
		keys[r.PK+r.SK] = true
		if r.State == "soft_deleted" {
			deleted++
			shards[r.Shard] = true
		}
	}
	if len(rows) != 402 || len(keys) != 402 || deleted != 180 || len(shards) != 16 {
		t.Errorf("%d rows with %d keys, %d secrets are deleted, in %d shards", len(rows), len(keys), deleted, len(shards))
	}
}

func TestTheSecretThatIsAskedForHasItsVersions(t *testing.T) {
	rows := written(t, seed{versions: 12})
	if len(rows) != 13 || rows[0].SK != "meta" || rows[0].Count != "12" {
		t.Fatalf("the rows are %v", rows)
	}
	for i, r := range rows[1:] {
		if r.PK != "w#sec_a" || r.SK != fmt.Sprintf("v#%010d", i+1) || r.Number != fmt.Sprint(i+1) {
			t.Errorf("version %d is %v", i+1, r)
		}
	}
}
