package store

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// maxSortKey is how many bytes DynamoDB takes for a sort key. A name has 200 characters, and at most 800.
const maxSortKey = 1024

// byName reports whether the list is of one name, or of those with one beginning.
func (l ListSecrets) byName() bool { return l.Name != "" || l.NamePrefix != "" }

// isName reports whether the list can have a secret of this name.
func (l ListSecrets) isName(text string) bool {
	return len(text) > 0 && len(text) <= maxSortKey && utf8.ValidString(text) &&
		(l.Name == "" || text == l.Name) && strings.HasPrefix(text, l.NamePrefix)
}

// namesQuery reads past the soft-deleted secrets that have expired, and past the kinds that are not asked
// for: here they stand among the others.
func (s *Store) namesQuery(l ListSecrets, now time.Time) *dynamodb.QueryInput {
	condition, name := "list_pk = :pk AND secret_name = :name", l.Name
	if name == "" {
		condition, name = "list_pk = :pk AND begins_with(secret_name, :name)", l.NamePrefix
	}
	query := s.secretsQuery(namesIndex, condition, l)
	query.ExpressionAttributeValues[":name"] = &types.AttributeValueMemberS{Value: name}
	if l.Kind != "" {
		only(query, "kind = :kind", item{":kind": &types.AttributeValueMemberS{Value: string(l.Kind)}})
	}
	if l.State == secret.SoftDeleted {
		only(query, "purge_at > :now", item{":now": number(now.Unix())})
	}
	if after, _, ok := cutPosition(l.After); ok {
		query.ExclusiveStartKey["secret_name"] = &types.AttributeValueMemberS{Value: after}
	}
	return query
}
