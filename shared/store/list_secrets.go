package store

import (
	"context"
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
	State     secret.State
	Kind      secret.Kind // empty: all kinds
	Limit     int         // 1 to 100
	After     string      // a Page's Next; empty: from the start
}

// IsPosition reports whether after can be the position of an item in the list: a kind (the list's, if
// it has one), a deadline if it is a deleted secret's, and an id.
func (l ListSecrets) IsPosition(after string) bool {
	kind, id, ok := strings.Cut(after, "#")
	if deadline, rest, deleted := strings.Cut(id, "#"); deleted {
		if id = rest; !isDeadline(deadline) {
			return false
		}
	}
	return ok && isKind(kind) && (l.Kind == "" || kind == string(l.Kind)) && secret.Ref{ID: id}.Plausible()
}

// isKind reports whether text can be a kind. It is wider than today's kinds: a position may come from
// newer code.
func isKind(text string) bool { return secret.IsPlain(text, 50, "_/-") }

// ListSecrets returns a page of a workspace's secrets in one state, by kind: active ones by age, then,
// soft-deleted ones by deadline, the soonest first. The position of a secret changes only with its
// state, so the pages show each secret exactly once, whatever is created and deleted meanwhile.
//
// One Query. Secrets past their deadline may still be in the index, at the beginning of their kind.
// Each kind that has some costs one Query more at most, however many they are. Those that an earlier
// release deleted have no deadline in their sort key: they are read and left out.
func (s *Store) ListSecrets(ctx context.Context, l ListSecrets, room Room[secret.Secret], now time.Time) (Page[secret.Secret], error) {
	from, to := l.span(now)
	query := &dynamodb.QueryInput{
		TableName:              &s.table,
		IndexName:              aws.String(listIndex),
		KeyConditionExpression: aws.String("list_pk = :pk AND list_sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{
			":pk":   &types.AttributeValueMemberS{Value: listPartition(l.Workspace, l.State)},
			":from": &types.AttributeValueMemberS{Value: from},
			":to":   &types.AttributeValueMemberS{Value: to},
		},
		ProjectionExpression: aws.String(listedAttributes),
	}
	return page(ctx, s, query, l.Limit, room, func(row item) (entry[secret.Secret], error) {
		m, err := listedMeta(row)
		e := entry[secret.Secret]{item: m.secret(), position: m.ListSK}
		if e.hidden = e.item.Purged(now); e.hidden {
			e.resume = l.resume(m.ListSK, now)
		}
		return e, err
	})
}

// The first characters that sort before and behind all those of a kind or an id.
const (
	before = "!"
	behind = "~"
)

// span returns the first and the last sort key that the list may show at now. A query of one kind begins
// behind those past their deadline, and so does one that goes on within a kind.
func (l ListSecrets) span(now time.Time) (from, to string) {
	from, to = before, behind
	if l.Kind != "" {
		from, to = l.begin(l.Kind, now), listSort(l.Kind, behind)
	}
	if l.After != "" {
		kind, _, _ := strings.Cut(l.After, "#")
		from = max(l.After+before, l.begin(secret.Kind(kind), now))
	}
	return from, to
}

// begin returns the sort key at which the secrets of a kind begin that are not past their deadline.
func (l ListSecrets) begin(kind secret.Kind, now time.Time) string {
	if l.State == secret.SoftDeleted {
		return trashSort(kind, now.Add(time.Second), "")
	}
	return listSort(kind, "")
}

// resume returns where a query goes on that has met a hidden secret; empty if those that are behind it
// in its kind may be hidden too.
func (l ListSecrets) resume(hidden string, now time.Time) string {
	kind, _, _ := strings.Cut(hidden, "#")
	if next := l.begin(secret.Kind(kind), now); next > hidden {
		return next
	}
	return ""
}
