package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// The sort keys of a secret's rows. Versions sort by number.
const (
	metaSort    = "meta"
	versionSort = "v#%010d"
	recordSort  = "key"
)

// The index "states" holds a secret's versions by state and number, and its metadata row after the
// enabled ones: '~' sorts after '#'. Read backwards from there, it returns the metadata first, then
// the newest enabled version.
const (
	statesIndex = "states"
	metaOrder   = string(secret.Enabled) + "~"
)

// shards is how many partitions the sparse indexes of work to do have, so that a mass delete, for
// example, does not hit a single one.
const shards = 16

func partition(r secret.Ref) string { return r.Workspace + "#" + r.ID }

func versionKey(number int) string { return fmt.Sprintf(versionSort, number) }

// versionOrder returns a version's sort key in the index "states".
func versionOrder(state secret.VersionState, number int) string {
	return fmt.Sprintf("%s#%010d", state, number)
}

// recordPartition returns the partition of the record of a workspace's idempotency key. The key is
// hashed because of its length and characters. A workspace's name holds no '#' and no id begins with
// "key#", so it never equals another workspace's partition or a secret's.
func recordPartition(workspace, key string) string { return workspace + "#key#" + hashKey(key) }

func hashKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func listPartition(workspace string, state secret.State) string {
	return workspace + "#" + string(state)
}

func listSort(kind secret.Kind, id string) string { return string(kind) + "#" + id }

func shard(r secret.Ref) string {
	h := fnv.New32a()
	h.Write([]byte(partition(r)))
	return strconv.Itoa(int(h.Sum32() % shards))
}

func rowKey(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: pk},
		"sk": &types.AttributeValueMemberS{Value: sk},
	}
}

func metaKey(r secret.Ref) map[string]types.AttributeValue { return rowKey(partition(r), metaSort) }
