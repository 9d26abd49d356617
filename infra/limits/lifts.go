package main

import (
	"strings"

	"keepsake/infra/limits/trace"
)

// lift is a limit, and the smallest change that moves it.
type lift struct {
	limit  string
	load   load
	what   string // the change
	change change
	costs  string // what it costs or breaks
}

var lifts = []lift{
	{
		"creates in one workspace", only("create", oneWorkspace),
		"put two digits, made from the id, before the id in `list_sk`", spreadList,
		"no more units for each request. But within a kind, a list is no longer sorted by age, as [api.md](api.md) promises. New rows have the new key, old ones keep theirs. Until DynamoDB has split the index, nothing changes",
	},
	{
		"creates in one workspace, from the first second", only("create", oneWorkspace),
		"ten shards of `list` and `names`", shardLists,
		"a page of a list is ten Queries, 5 to 20 units instead of 2; every row must be written anew, and both indexes made again",
	},
	{
		"deletes in one workspace", only("delete", oneWorkspace),
		"ten shards of `trash`", shardTrash,
		"a page of the trash is ten Queries; all deleted rows must be written anew",
	},
	{
		"reads of one secret", only("access, latest", oneSecret),
		"ten shards of each trail", shardTrail,
		"a page of a trail, and each secret of a page of the trash, is ten Queries",
	},
	{
		"reads of one secret, further", only("access, latest", oneSecret),
		"the same, and rows read without `ConsistentRead`", shardTrailAndReadLate,
		"**a deleted secret could still be read for a moment: the promise is broken**",
	},
}

func spreadList(t trace.Touch) trace.Touch {
	if t.Place == "SecretsTable/list" {
		t.Sort = strings.Replace(t.Sort, "#{", "#"+spread+"#{", 1)
	}
	return t
}

func shardLists(t trace.Touch) trace.Touch {
	if t.Place == "SecretsTable/list" || t.Place == "SecretsTable/names" {
		t.Key += "#" + tenthOfSecret
	}
	return t
}

func shardTrash(t trace.Touch) trace.Touch {
	if t.Place == "SecretsTable/trash" {
		t.Key += "#" + tenthOfSecret
	}
	return t
}

func shardTrail(t trace.Touch) trace.Touch {
	if t.Place == "AuditTable" {
		t.Key += "#" + anyTenth
	}
	return t
}

func shardTrailAndReadLate(t trace.Touch) trace.Touch {
	if t = shardTrail(t); t.Place == "SecretsTable" {
		t.Read /= 2
	}
	return t
}
