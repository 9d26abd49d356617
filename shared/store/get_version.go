package store

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// GetVersion returns a version's metadata; NotFound if there is no such version. It does not check
// its secret: GetSecret does. One Query of an index without payloads, so the cost does not depend on
// the value's size.
func (s *Store) GetVersion(ctx context.Context, v secret.VersionRef) (secret.Version, error) {
	row, err := s.versionRow(ctx, v)
	return row.version(v.Ref), err
}

// versionRow returns a version's row without its payload.
func (s *Store) versionRow(ctx context.Context, v secret.VersionRef) (versionItem, error) {
	if !v.Plausible() {
		return versionItem{}, secret.NoVersionError()
	}
	query := s.versionQuery(v.Ref, "")
	query.KeyConditionExpression = aws.String("pk = :pk AND version_number = :number")
	query.ExpressionAttributeValues[":number"] = &types.AttributeValueMemberN{Value: strconv.Itoa(v.Number)}
	out, err := s.db.Query(ctx, query)
	if err != nil {
		return versionItem{}, fmt.Errorf("get version: %w", err)
	}
	if len(out.Items) == 0 {
		return versionItem{}, secret.NoVersionError()
	}
	return decode[versionItem](out.Items[0])
}
