package count

import (
	"net/http"
	"slices"

	"keepsake/infra/bench/stage"
)

// Case is one invocation that is counted, with its budget.
type Case struct {
	Name     string // such as "access, latest"
	Function string // such as "access-secret-version"
	Plain    bool   // it is the plain call of an operation on secrets
	Status   int    // of the answer; 0 for a job
	Steps    [][]string
	Reads    float64 // read units
	Writes   float64 // write units

	prepare func(secrets) (stage.Request, error)
}

// Short names of the calls.
const (
	get      = "dynamodb:GetItem"
	getBatch = "dynamodb:BatchGetItem"
	query    = "dynamodb:Query"
	scan     = "dynamodb:Scan"
	batchPut = "dynamodb:BatchWriteItem"
	drop     = "dynamodb:DeleteItem"
	put      = "dynamodb:PutItem"
	update   = "dynamodb:UpdateItem"
	transact = "dynamodb:TransactWriteItems"
	dataKey  = "kms:GenerateDataKey"
	mac      = "kms:GenerateMac"
	decrypt  = "kms:Decrypt"
)

type steps = [][]string

// shards are the queries of an index of work to do, one for each shard.
var shards = slices.Repeat([]string{query}, 16)

// oneByOne makes a step of each call.
func oneByOne(calls []string) (all steps) {
	for _, call := range calls {
		all = append(all, []string{call})
	}
	return all
}

// FirstLatest is the case of an access by latest that the container has not made before: it reads an index.
const FirstLatest = "access, latest, the container's first"

// FirstNamed is the case of an access by a name that the container has not read before.
const FirstNamed = "access, by name, the container's first"

// Cases are all that is counted: jobs with nothing to do, before there is a secret; then the contract's
// operations and their variants.
var Cases = []Case{
	{"purge-due, nothing due", "purge-due", false, 0, steps{shards}, 8, 0, nil},
	{"purge-orphans, no orphans", "purge-orphans", false, 0, steps{{scan}}, 0.5, 0, nil},
	{"validate-credentials, none due", "validate-credentials", false, 0, oneByOne(shards), 8, 0, nil},
	{"record-changes, one change", "record-changes", false, 0, steps{{put}}, 0, 1, change},
	{"create", "create-secret", true, http.StatusCreated, steps{{dataKey}, {transact}}, 0, 9, nil},
	{"create, with a key", "create-secret", false, http.StatusCreated, steps{{dataKey, mac}, {transact}}, 0, 11, withKey(nothing)},
	{"list, 50", "list-secrets", true, http.StatusOK, steps{{query}}, 2, 0, page(50)},
	{"list, by name", "list-secrets", false, http.StatusOK, steps{{query}}, 0.5, 0, byName(100)},
	{"get", "get-secret", true, http.StatusOK, steps{{get}}, 1, 0, secrets.made},
	{"update", "update-secret", true, http.StatusOK, steps{{update}}, 0, 3, match("1", secrets.made)},
	{"delete", "delete-secret", true, http.StatusNoContent, steps{{update}}, 0, 7, match("1", secrets.made)},
	{"delete, force", "delete-secret", false, http.StatusNoContent, steps{{update}, {query}, {batchPut}, {query}, {drop}}, 2, 10, force(match("1", secrets.made))},
	{"undelete", "undelete-secret", true, http.StatusOK, steps{{update}}, 0, 7, match("2", secrets.deleted)},
	{"undelete, with a key", "undelete-secret", false, http.StatusOK, steps{{transact}, {get}}, 1, 10, withKey(match("2", secrets.deleted))},
	{"validate token", "validate-token", true, http.StatusOK, nil, 0, 0, hcloudToken},
	{"create version", "create-secret-version", true, http.StatusCreated, steps{{get, dataKey}, {transact}}, 1, 8, secrets.made},
	{"list versions", "list-secret-versions", true, http.StatusOK, steps{{get, query}}, 2, 0, secrets.made},
	{"get version", "get-secret-version", true, http.StatusOK, steps{{get, query}}, 2, 0, secrets.version},
	{"enable", "enable-secret-version", true, http.StatusOK, steps{{query, transact}}, 1, 9, secrets.disabled},
	{"enable, with a key", "enable-secret-version", false, http.StatusOK, steps{{query, transact}}, 1, 11, withKey(secrets.disabled)},
	{"disable", "disable-secret-version", true, http.StatusOK, steps{{query, transact}}, 1, 9, secrets.version},
	{"destroy", "destroy-secret-version", true, http.StatusOK, steps{{query, transact}}, 1, 9, secrets.version},
	{"list trash, 10", "list-trash", true, http.StatusOK, steps{{query}, append([]string{getBatch}, slices.Repeat([]string{query}, 10)...)}, 20.5, 0, trashOf(10)},
	{"list events", "list-secret-events", true, http.StatusOK, steps{{query}}, 1, 0, secrets.made},
	{"access, latest", "access-secret-version", true, http.StatusOK, steps{{query}, {put, decrypt}}, 1, 1, again("access-secret-version", secrets.latest)},
	{"access, latest of two", "access-secret-version", false, http.StatusOK, steps{{get, query}, {put, decrypt}}, 2, 1, again("access-secret-version", secrets.second)},
	{FirstLatest, "access-secret-version", false, http.StatusOK, steps{{query}, {put, decrypt}}, 2, 1, secrets.latest},
	{"access, by id", "access-secret-version", false, http.StatusOK, steps{{getBatch}, {put, decrypt}}, 2, 1, secrets.version},
	{"access, by alias", "access-secret-version", false, http.StatusOK, steps{{getBatch}, {put, decrypt}}, 2, 1, again("access-secret-version", secrets.alias)},
	{"access, by alias, the container's first", "access-secret-version", false, http.StatusOK, steps{{get}, {getBatch}, {put, decrypt}}, 3, 1, secrets.alias},
	{"access, by name", "access-named-version", true, http.StatusOK, steps{{query, query}, {put, decrypt}}, 1.5, 1, again("access-named-version", secrets.named)},
	{FirstNamed, "access-named-version", false, http.StatusOK, steps{{query}, {query}, {put, decrypt}}, 2.5, 1, secrets.named},
	{"access, 304", "access-secret-version", false, http.StatusNotModified, steps{{query}}, 1, 0, unchanged},
}
