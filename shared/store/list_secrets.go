package store

import (
	"context"
	"maps"
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
	Workspace  string
	State      secret.State // Active or SoftDeleted
	Kind       secret.Kind  // empty: all kinds
	Name       string       // exactly; empty: all names
	NamePrefix string       // empty: all names. Not with Name
	Called     string       // of the trash, in its own order: those of this name; empty: all
	Label      *Label       // nil: whatever their labels
	Limit      int          // 1 to 100
	After      string       // a Page's Next; empty: from the start
}

// Label is a label of a secret with its value.
type Label struct{ Key, Value string }

// IsPosition reports whether after can be the position of an item in the list: what the list is sorted by
// and an id. It is sorted by name if the list is by name, by deadline if it is of the trash, and else by kind.
// DynamoDB refuses a position that is not a key, or that its list cannot have.
func (l ListSecrets) IsPosition(after string) bool {
	first, id, ok := cutPosition(after)
	switch {
	case !ok || !(secret.Ref{ID: id}).Plausible():
		return false
	case l.byName():
		return l.isName(first)
	case l.State == secret.SoftDeleted:
		return isDeadline(first)
	}
	return isKind(first) && (l.Kind == "" || first == string(l.Kind))
}

// cutPosition cuts a position before its id, which has no '#'. A name may have one.
func cutPosition(after string) (first, id string, ok bool) {
	i := strings.LastIndexByte(after, '#')
	if i < 0 {
		return "", "", false
	}
	return after[:i], after[i+1:], true
}

// isKind reports whether text can be a kind. It is wider than today's kinds: a position may come from
// newer code.
func isKind(text string) bool { return secret.IsPlain(text, 50, "_/-") }

// isDeadline reports whether text is a Unix second, in the one form that Itoa gives it.
func isDeadline(text string) bool {
	second, err := strconv.ParseInt(text, 10, 64)
	return err == nil && second > 0 && second <= maxNumber && strconv.FormatInt(second, 10) == text
}

// maxQueries is how many Queries a page takes, if the client has asked for names or labels that few
// secrets may have. Each reads twice as much as the one before, and at most 1 MB.
const maxQueries = 10

// ListSecrets returns a page of a workspace's secrets in one state: active ones by kind and then by age,
// soft-deleted ones by deadline, the soonest first, and those of a name by name. The position of a secret
// changes only with its state or its name, so the pages show each secret exactly once, whatever is created
// and deleted meanwhile. A page shows what the index says: up to a second or so ago.
//
// One Query, whatever has expired. The soft-deleted secrets of one kind are among those of the others:
// more Queries, if there are many of these. A page of a name or a label ends after maxQueries, with fewer
// items than there may be: its Next says where to go on.
func (s *Store) ListSecrets(ctx context.Context, l ListSecrets, room Room[secret.Secret], now time.Time) (Page[secret.Secret], error) {
	return page(ctx, s, s.listQuery(l, now), l.reach(), room, func(row item) (secret.Secret, string, error) {
		m, err := listedMeta(row)
		found := m.secret()
		return found, l.Position(found), err
	})
}

func (l ListSecrets) reach() reach {
	if l.byName() || l.Called != "" || l.Label != nil {
		return reach{l.Limit, maxQueries, l.positionOf}
	}
	return reach{items: l.Limit}
}

// Position returns where the list goes on behind s, which may be any secret of it.
func (l ListSecrets) Position(s secret.Secret) string {
	switch {
	case l.byName():
		return s.Name + "#" + s.ID
	case l.State == secret.SoftDeleted:
		return strconv.FormatInt(s.PurgeAt.Unix(), 10) + "#" + s.ID
	}
	return listSort(s.Kind, s.ID)
}

// positionOf is Position for the keys of a row.
func (l ListSecrets) positionOf(key item) string {
	_, id, _ := cutPosition(text(key, "pk"))
	switch deadline, _ := key["purge_at"].(*types.AttributeValueMemberN); {
	case l.byName():
		return text(key, "secret_name") + "#" + id
	case deadline != nil:
		return deadline.Value + "#" + id
	}
	return text(key, "list_sk")
}

func (s *Store) listQuery(l ListSecrets, now time.Time) *dynamodb.QueryInput {
	switch {
	case l.byName():
		return s.namesQuery(l, now)
	case l.State == secret.SoftDeleted:
		return s.trashQuery(l, now)
	}
	return s.activeQuery(l)
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
	query.ExpressionAttributeValues[":now"] = number(now.Unix())
	if l.Kind != "" {
		only(query, "kind = :kind", item{":kind": &types.AttributeValueMemberS{Value: string(l.Kind)}})
	}
	if l.Called != "" {
		only(query, "secret_name = :name", item{":name": &types.AttributeValueMemberS{Value: l.Called}})
	}
	if deadline, _, ok := cutPosition(l.After); ok {
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
	if l.Label != nil {
		only(query, "label_map.#label = :label", item{":label": &types.AttributeValueMemberS{Value: l.Label.Value}})
		query.ExpressionAttributeNames = map[string]string{"#label": l.Label.Key}
	}
	if _, id, ok := cutPosition(l.After); ok {
		query.ExclusiveStartKey = metaKey(secret.Ref{Workspace: l.Workspace, ID: id})
		query.ExclusiveStartKey["list_pk"] = workspace
	}
	return query
}

// only leaves out of the query's rows those that do not meet the condition. They are read all the same.
func only(query *dynamodb.QueryInput, condition string, values item) {
	if query.FilterExpression != nil {
		condition = *query.FilterExpression + " AND " + condition
	}
	query.FilterExpression = &condition
	maps.Copy(query.ExpressionAttributeValues, values)
}
