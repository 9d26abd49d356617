package store_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// startStore is the store as the stack's owner has it. A test here goes through uses of many functions;
// what each of them may do is held where they are tested, in shared/api and shared/job.
func startStore(t *testing.T) table {
	t.Helper()
	cloud := cloudtest.Start(t)
	return table{store.New(dynamodb.NewFromConfig(cloud.Config()), "SecretsTable"), cloud}
}

// table is a store, and the cloud that it is in.
type table struct {
	*store.Store
	cloud *cloudtest.Cloud
}

func by(at time.Time) secret.Stamp {
	return secret.Stamp{Operation: "test", Principal: "tok_x", InvocationID: secret.Sortable(at), At: at}
}

// credential makes a secret that has waited for its validation since at.
func credential(t *testing.T, s table, at time.Time) secret.Secret {
	t.Helper()
	made, err := s.CreateSecret(t.Context(), secret.Secret{
		Ref: secret.NewRef("ws_test", at), Name: "n", Kind: secret.HCloud, State: secret.Active,
		Validation:   &secret.Validation{State: secret.ValidationUnspecified, ValidatedAt: at},
		VersionCount: 1, EnabledVersionCount: 1, CreatedAt: at, UpdatedAt: at, Etag: secret.FirstEtag,
	}, secret.Sealed{WrappedKey: []byte("k"), Ciphertext: []byte("c")}, nil, by(at))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// due waits for the index, then calls each with every page of the secrets to be validated by now.
func due(t *testing.T, s table, now time.Time, size int, each func([]store.DueSecret)) {
	t.Helper()
	s.cloud.Settle()
	for shard := range store.ValidationShards {
		for page, err := range s.DueForValidation(t.Context(), shard, now, size) {
			if err != nil {
				t.Fatal(err)
			}
			each(page)
		}
	}
}

var sealed = secret.Sealed{WrappedKey: []byte("wrapped"), Ciphertext: []byte("ciphertext")}

// make stores a new secret of a kind that nobody is asked about.
func (s table) make(t *testing.T) secret.Secret {
	t.Helper()
	made, err := s.CreateSecret(t.Context(), secret.Secret{
		Ref: secret.NewRef("ws_test", noon), Name: "n", Kind: secret.Generic, State: secret.Active,
		VersionCount: 1, EnabledVersionCount: 1, CreatedAt: noon, UpdatedAt: noon, Etag: secret.FirstEtag,
	}, sealed, nil, by(noon))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// remove deletes a secret until an hour after noon.
func (s table) remove(t *testing.T, ref secret.Ref, etag secret.Etag) secret.Etag {
	t.Helper()
	next, err := s.DeleteSecret(t.Context(), ref, etag, noon.Add(time.Hour), by(noon))
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func (s table) change(t *testing.T, v secret.VersionRef, to secret.VersionState, etag secret.Etag) (secret.Version, error) {
	t.Helper()
	return s.ChangeVersion(t.Context(), store.ChangeVersion{Version: v, To: to, IfMatch: etag}, by(noon))
}

// row is a row as it lies in the table; nil if it is not there.
func (s table) row(t *testing.T, ref secret.Ref, sort string) map[string]types.AttributeValue {
	t.Helper()
	out, err := dynamodb.NewFromConfig(s.cloud.Config()).GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String("SecretsTable"), ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: ref.Workspace + "#" + ref.ID}, "sk": &types.AttributeValueMemberS{Value: sort},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

const firstVersion = "v#0000000001"

func seconds(v types.AttributeValue) string {
	n, _ := v.(*types.AttributeValueMemberN)
	if n == nil {
		return ""
	}
	return n.Value
}

// wantAttributes checks which of a row's attributes are there.
func wantAttributes(t *testing.T, row map[string]types.AttributeValue, there bool, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, is := row[name]; is != there {
			t.Errorf("%s is there: %v", name, is)
		}
	}
}

// before has f done when the first call of this action has been sent and is not carried out yet.
func (s table) before(action string, f func()) {
	var done atomic.Bool
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == action && done.CompareAndSwap(false, true) {
			f()
		}
		return wire.Pass()
	})
}

func at(t time.Time) store.Clock { return func() time.Time { return t } }

func code(err error) fault.Kind {
	var e *fault.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Kind
}

// erase deletes a row of a secret, as a purge does.
func (s table) erase(t *testing.T, ref secret.Ref, sort string) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(s.cloud.Config()).DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: aws.String("SecretsTable"),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: ref.Workspace + "#" + ref.ID}, "sk": &types.AttributeValueMemberS{Value: sort},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// putRows puts rows straight into the table, and lets its indexes have them.
func (s table) putRows(t *testing.T, rows []map[string]types.AttributeValue) {
	t.Helper()
	db := dynamodb.NewFromConfig(s.cloud.Config())
	for some := range slices.Chunk(rows, 25) {
		var puts []types.WriteRequest
		for _, row := range some {
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: row}})
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
