package store_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloudtest"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// torn is a DynamoDB that reads the last row of its first batch before the others, and lets something
// happen in between: a batch is no transaction.
type torn struct {
	*dynamodb.Client
	between func()
}

func (d *torn) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	asked := in.RequestItems["SecretsTable"]
	if d.between == nil || len(asked.Keys) < 3 {
		return d.Client.BatchGetItem(ctx, in, options...)
	}
	last, others := asked, asked
	last.Keys, others.Keys = asked.Keys[2:], asked.Keys[:2]
	in.RequestItems["SecretsTable"] = last
	first, err := d.Client.BatchGetItem(ctx, in, options...)
	if err != nil {
		return nil, err
	}
	between := d.between
	d.between = nil
	between()
	in.RequestItems["SecretsTable"] = others
	out, err := d.Client.BatchGetItem(ctx, in, options...)
	if err == nil {
		out.Responses["SecretsTable"] = append(out.Responses["SecretsTable"], first.Responses["SecretsTable"]...)
	}
	return out, err
}

// Found by a history of a hundred thousand requests: the second of two enables under one key saw the
// version as a disable after the first had left it, and not yet the record of the key.
func TestOfTwoRequestsUnderOneKeyTheSecondIsNoConflictThoughTheVersionHasChangedSince(t *testing.T) {
	cloud := cloudtest.Start(t, cloudtest.Calm)
	db := &torn{Client: dynamodb.NewFromConfig(cloud.Config())}
	plain, s := store.New(db.Client, "SecretsTable"), store.New(db, "SecretsTable")
	made := credential(t, table{plain, cloud}, noon)
	v := made.Version(1)
	change := func(in *store.Store, to secret.VersionState, ifMatch secret.Etag, key string) secret.Version {
		t.Helper()
		changed, err := in.ChangeVersion(t.Context(), store.ChangeVersion{Version: v, To: to, IfMatch: ifMatch, Key: key}, by(noon))
		if err != nil {
			t.Fatal(err)
		}
		return changed
	}
	db.between = func() {
		change(plain, secret.Enabled, v.FirstEtag(), "k1")
		change(plain, secret.Disabled, v.FirstEtag(), "")
	}
	if again := change(s, secret.Enabled, v.FirstEtag(), "k1"); again.State != secret.Disabled || again.Etag != v.FirstEtag()+1 {
		t.Errorf("%+v", again)
	}
}
