package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloudtest"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// torn is a DynamoDB whose first transaction sees its last row before the others, and lets something
// happen in between: AWS does not promise that a refusal has seen its rows at one moment.
type torn struct {
	*dynamodb.Client
	between func()
}

func (d *torn) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if d.between == nil {
		return d.Client.TransactWriteItems(ctx, in, options...)
	}
	between := d.between
	d.between = nil
	between()
	out, err := d.Client.TransactWriteItems(ctx, in, options...)
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		last := len(cancelled.CancellationReasons) - 1
		cancelled.CancellationReasons[last] = types.CancellationReason{Code: aws.String("None")}
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
