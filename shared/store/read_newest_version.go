package store

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// ReadNewestVersion reads v if it is its secret's newest version, in whatever state; NotFound if there is
// a newer one.
//
// Two read units for a value of up to some 3 KB: a Query of the versions from v on, and at the same time
// the metadata. For the first version it is one: there one Query gets the metadata too, since its row is
// the one before. ReadLatestVersion costs three.
func (s *Store) ReadNewestVersion(ctx context.Context, v secret.VersionRef) (Reading, error) {
	if !v.Plausible() {
		return Reading{}, secret.NotFoundError()
	}
	meta := func() (item, error) { return nil, nil }
	from, limit := metaSort, 3 // the metadata, v, and one that is newer
	if v.Number > 1 {
		from, limit = versionKey(v.Number), 2
		meta = begin(func() (item, error) { return s.metaRow(ctx, v.Ref) })
	}
	rows, err := s.rowsFrom(ctx, v.Ref, from, limit)
	found, metaErr := meta()
	switch {
	case err != nil:
		return Reading{}, err
	case metaErr != nil:
		return Reading{}, metaErr
	case len(rows) == limit: // the last of them is newer
		return Reading{}, secret.NoVersionError()
	case found != nil:
		rows = append(rows, found)
	}
	all, err := sortOut(rows, secret.NoVersionError())
	return newReading(v.Ref, all, err)
}

// rowsFrom reads up to limit rows of a secret, in order, from this sort key on.
func (s *Store) rowsFrom(ctx context.Context, ref secret.Ref, from string, limit int) ([]item, error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName:              &s.table,
		KeyConditionExpression: aws.String("pk = :pk AND sk >= :from"),
		ExpressionAttributeValues: item{
			":pk":   &types.AttributeValueMemberS{Value: partition(ref)},
			":from": &types.AttributeValueMemberS{Value: from},
		},
		Limit:          aws.Int32(int32(limit)),
		ConsistentRead: consistent,
	})
	if err != nil {
		return nil, fmt.Errorf("read newest version: %w", err)
	}
	return out.Items, nil
}
