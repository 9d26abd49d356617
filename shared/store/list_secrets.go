package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// ListSecrets describes a page of secrets.
type ListSecrets struct {
	Workspace string
	State     secret.State // Active or SoftDeleted
	Kind      secret.Kind  // empty: all kinds
	Name      string       // only the soft-deleted ones that are called this; empty: all
	Limit     int          // 1 to 100
	After     string       // a Page's Next; empty: from the start
}

// IsPosition reports whether after can be the position of an item in the list: a kind (the list's, if
// it has one), or a deadline if the list is of the trash, and an id. DynamoDB refuses a position that is
// not a key.
func (l ListSecrets) IsPosition(after string) bool {
	first, id, ok := strings.Cut(after, "#")
	if !ok || !(secret.Ref{ID: id}).Plausible() {
		return false
	}
	if l.State == secret.SoftDeleted {
		return isDeadline(first)
	}
	return isKind(first) && (l.Kind == "" || first == string(l.Kind))
}

// isKind reports whether text can be a kind. It is wider than today's kinds: a position may come from
// newer code.
func isKind(text string) bool { return secret.IsPlain(text, 50, "_/-") }

// isDeadline reports whether text is a Unix second, in the one form that Itoa gives it.
func isDeadline(text string) bool {
	second, err := strconv.ParseInt(text, 10, 64)
	return err == nil && second > 0 && second <= maxNumber && strconv.FormatInt(second, 10) == text
}

// ListSecrets returns a page of a workspace's secrets in one state: active ones by kind and then by age,
// soft-deleted ones by deadline, the soonest first. The position of a secret changes only with its
// state, so the pages show each secret exactly once, whatever is created and deleted meanwhile.
//
// One Query, whatever has expired. The soft-deleted secrets of one kind or of one name are among the
// others: more Queries, if there are many of these.
func (s *Store) ListSecrets(ctx context.Context, l ListSecrets, room Room[secret.Secret], now time.Time) (Page[secret.Secret], error) {
	query := s.activeQuery(l)
	if l.State == secret.SoftDeleted {
		query = s.trashQuery(l, now)
	}
	return page(ctx, s, query, l.Limit, room, func(row item) (secret.Secret, string, error) {
		m, err := listedMeta(row)
		found := m.secret()
		return found, l.Position(found), err
	})
}

// Position returns where the list goes on behind s, which may be any secret of it.
func (l ListSecrets) Position(s secret.Secret) string {
	if l.State == secret.SoftDeleted {
		return strconv.FormatInt(s.PurgeAt.Unix(), 10) + "#" + s.ID
	}
	return listSort(s.Kind, s.ID)
}

func (s *Store) activeQuery(l ListSecrets) *dynamodb.QueryInput {
	query := s.secretsQuery(listIndex, "list_pk = :pk", l)
	if l.Kind != "" {
		query.KeyConditionExpression = aws.String("list_pk = :pk AND begins_with(list_sk, :kind)")
		query.ExpressionAttributeValues[":kind"] = &types.AttributeValueMemberS{Value: listSort(l.Kind, "")}
	}
	if l.After != "" {
		query.ExclusiveStartKey["list_sk"] = &types.AttributeValueMemberS{Value: l.After}
	}
	return query
}

// trashQuery begins behind all that has expired and is not erased yet.
func (s *Store) trashQuery(l ListSecrets, now time.Time) *dynamodb.QueryInput {
	query := s.secretsQuery(trashIndex, "list_pk = :pk AND purge_at > :now", l)
	query.ExpressionAttributeValues[":now"] = &types.AttributeValueMemberN{Value: strconv.FormatInt(now.Unix(), 10)}
	var filters []string
	if l.Kind != "" {
		filters = append(filters, "kind = :kind")
		query.ExpressionAttributeValues[":kind"] = &types.AttributeValueMemberS{Value: string(l.Kind)}
	}
	if l.Name != "" {
		filters = append(filters, "secret_name = :name")
		query.ExpressionAttributeValues[":name"] = &types.AttributeValueMemberS{Value: l.Name}
	}
	if len(filters) > 0 {
		query.FilterExpression = aws.String(strings.Join(filters, " AND "))
	}
	if deadline, _, ok := strings.Cut(l.After, "#"); ok {
		query.ExclusiveStartKey["purge_at"] = &types.AttributeValueMemberN{Value: deadline}
	}
	return query
}

// secretsQuery returns a query of an index of secrets. If the list goes on behind a secret, the start key
// lacks the index's own sort key.
func (s *Store) secretsQuery(index, condition string, l ListSecrets) *dynamodb.QueryInput {
	workspace := &types.AttributeValueMemberS{Value: listPartition(l.Workspace, l.State)}
	query := &dynamodb.QueryInput{
		TableName:                 &s.table,
		IndexName:                 &index,
		KeyConditionExpression:    &condition,
		ExpressionAttributeValues: item{":pk": workspace},
		ProjectionExpression:      aws.String(listedAttributes),
	}
	if _, id, ok := strings.Cut(l.After, "#"); ok {
		query.ExclusiveStartKey = metaKey(secret.Ref{Workspace: l.Workspace, ID: id})
		query.ExclusiveStartKey["list_pk"] = workspace
	}
	return query
}
