package auth

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// GetItemer is what a token look-up calls in DynamoDB.
type GetItemer interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// Tokens is the table of API tokens, with a memory of those that were good a moment ago.
type Tokens struct {
	db     GetItemer
	table  string
	recent *memory[Principal] // by the token's hash
}

// NewTokens returns the tokens in table.
func NewTokens(db GetItemer, table string) *Tokens {
	t := &Tokens{db: db, table: table}
	t.recent = newMemory(t.lookUp)
	return t
}

// Connect looks up a token that does not exist, so that the first caller finds an open connection. One
// GetItem that finds nothing: one read unit.
func (t *Tokens) Connect(ctx context.Context) { _, _ = t.lookUp(ctx, hashToken("")) }

// Authenticate returns whose token an Authorization header holds at now, or
// Unauthenticated. At most one GetItem, none for a token read in the last minute. A token that
// is used all the time is read again before its minute ends, while its request goes on.
func (t *Tokens) Authenticate(ctx context.Context, authorization string, now time.Time) (Principal, error) {
	token, ok := bearer(authorization)
	if !ok || !strings.HasPrefix(token, tokenPrefix) {
		return Principal{}, unauthenticated()
	}
	p, err := t.recent.get(ctx, hashToken(token), now)
	if err != nil {
		return Principal{}, err
	}
	if !p.ExpiresAt.IsZero() && !now.Before(p.ExpiresAt) {
		return Principal{}, unauthenticated()
	}
	return p, nil
}

func (t *Tokens) lookUp(ctx context.Context, hash string) (Principal, error) {
	out, err := t.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &t.table,
		Key:            tokenKey(hash),
		ConsistentRead: aws.Bool(true), // a token works as soon as it has been shown
	})
	if err != nil {
		return Principal{}, fmt.Errorf("look a token up: %w", err)
	}
	if len(out.Item) == 0 {
		return Principal{}, unauthenticated()
	}
	var row tokenItem
	if err := attributevalue.UnmarshalMap(out.Item, &row); err != nil {
		return Principal{}, fmt.Errorf("read a token's row: %w", err)
	}
	if row.RevokedAt != 0 {
		return Principal{}, unauthenticated()
	}
	return row.principal(), nil
}

// bearer returns the token of an Authorization header; the scheme's case does not matter.
func bearer(authorization string) (string, bool) {
	scheme, token, ok := strings.Cut(authorization, " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}
