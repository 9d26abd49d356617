package job_test

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// keep stores a secret with some versions, without KMS: the purge reads no payload.
func (b *bench) keep(versions int) secret.Secret {
	b.t.Helper()
	ref := secret.NewRef(workspace, b.now)
	sealed := secret.Sealed{WrappedKey: []byte("k"), Ciphertext: []byte("c")}
	made, err := b.secretsOf("create-secret").CreateSecret(context.Background(), secret.Secret{
		Ref: ref, Name: "n", Kind: secret.Generic, State: secret.Active,
		VersionCount: 1, EnabledVersionCount: 1, CreatedAt: b.now, UpdatedAt: b.now, Etag: secret.FirstEtag,
	}, sealed, nil, b.stamp("create-secret"))
	if err != nil {
		b.t.Fatal(err)
	}
	for n := 2; n <= versions; n++ {
		version := row{
			"pk": str(workspace + "#" + ref.ID), "sk": str(fmt.Sprintf("v#%010d", n)),
			"version_number": &types.AttributeValueMemberN{Value: fmt.Sprint(n)}, "version_state": str("enabled"),
			"version_order": str(fmt.Sprintf("enabled#%010d", n)),
			"stamp":         &types.AttributeValueMemberM{Value: row{"at": number(b.now.UnixMilli())}},
		}
		if _, err := b.db.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("SecretsTable"), Item: version}); err != nil {
			b.t.Fatal(err)
		}
	}
	return made
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// rowsOf returns how many rows a secret has.
func (b *bench) rowsOf(ref secret.Ref) int {
	b.t.Helper()
	out, err := b.db.Query(context.Background(), &dynamodb.QueryInput{
		TableName: aws.String("SecretsTable"), Select: types.SelectCount,
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": str(workspace + "#" + ref.ID)},
		ConsistentRead:            aws.Bool(true),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return int(out.Count)
}

func (b *bench) versionsOf(ref secret.Ref) int {
	n := b.rowsOf(ref)
	if b.rowOf(ref) != nil {
		n--
	}
	return n
}

// rowOf returns a secret's metadata row; nil if it has none.
func (b *bench) rowOf(ref secret.Ref) map[string]types.AttributeValue {
	b.t.Helper()
	out, err := b.db.GetItem(context.Background(), &dynamodb.GetItemInput{
		TableName: aws.String("SecretsTable"), Key: rowKey(ref, "meta"), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.Item
}

func (b *bench) putRow(row map[string]types.AttributeValue) {
	b.t.Helper()
	if _, err := b.db.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("SecretsTable"), Item: row}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) deleteRow(ref secret.Ref, sort string) {
	b.t.Helper()
	_, err := b.db.DeleteItem(context.Background(), &dynamodb.DeleteItemInput{TableName: aws.String("SecretsTable"), Key: rowKey(ref, sort)})
	if err != nil {
		b.t.Fatal(err)
	}
}

func rowKey(ref secret.Ref, sort string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": str(workspace + "#" + ref.ID), "sk": str(sort)}
}

func newVersion(of secret.Secret) store.NewVersion {
	return store.NewVersion{Of: of, Sealed: secret.Sealed{WrappedKey: []byte("k"), Ciphertext: []byte("c")}}
}

func disable(v secret.VersionRef) store.ChangeVersion {
	return store.ChangeVersion{Version: v, To: secret.Disabled, IfMatch: v.FirstEtag()}
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// rows returns all rows of a table.
func (b *bench) rows(table string) []map[string]types.AttributeValue {
	b.t.Helper()
	out, err := b.db.Scan(context.Background(), &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.Items
}

// next returns the time from now until a secret is validated again.
func (b *bench) next(ref secret.Ref) time.Duration {
	b.t.Helper()
	for _, row := range b.rows("SecretsTable") {
		pk, _ := row["pk"].(*types.AttributeValueMemberS)
		at, _ := row["validate_at"].(*types.AttributeValueMemberN)
		if pk.Value == workspace+"#"+ref.ID && at != nil {
			seconds, _ := strconv.ParseInt(at.Value, 10, 64)
			return time.Unix(seconds, 0).Sub(b.now)
		}
	}
	b.t.Fatal("the secret is nowhere")
	return 0
}

// setVersion changes attributes of a secret's first version without the store. Write reserved words
// with a # before them.
func (b *bench) setVersion(ref secret.Ref, expression string, values map[string]types.AttributeValue, reserved ...string) {
	b.t.Helper()
	table := "SecretsTable"
	var names map[string]string
	for _, name := range reserved {
		names = map[string]string{"#" + name: name}
	}
	_, err := b.db.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: &table,
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: workspace + "#" + ref.ID},
			"sk": &types.AttributeValueMemberS{Value: "v#0000000001"},
		},
		UpdateExpression: &expression, ExpressionAttributeValues: values, ExpressionAttributeNames: names,
	})
	if err != nil {
		b.t.Fatal(err)
	}
}
