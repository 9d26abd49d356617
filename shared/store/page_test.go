package store_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// barren is a table whose every Query meets only rows that its filter leaves out, for so many Queries.
type barren struct {
	store.API
	t    *testing.T
	left int
}

func (b *barren) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if *in.Limit < 1 {
		b.t.Fatalf("with %d Queries to go, one asks for %d rows", b.left, *in.Limit)
	}
	if b.left--; b.left == 0 {
		return &dynamodb.QueryOutput{}, nil
	}
	return &dynamodb.QueryOutput{LastEvaluatedKey: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "p"}}}, nil
}

func TestALongTrashOfOtherKindsIsReadToItsEnd(t *testing.T) {
	db := &barren{t: t, left: 100}
	list := store.ListSecrets{Workspace: "ws_test", State: secret.SoftDeleted, Kind: secret.AWS, Limit: 100}
	page, err := store.New(db, "SecretsTable").ListSecrets(t.Context(), list, all, noon)
	if err != nil || page.Next != "" || db.left != 0 {
		t.Errorf("%+v, %v, with %d Queries left", page, err, db.left)
	}
}
