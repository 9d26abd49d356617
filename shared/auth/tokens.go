package auth

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const (
	// cacheFor is how long a container trusts what it read about a token, and so how
	// long it may accept a revoked one.
	cacheFor = 60 * time.Second
	// cacheSize bounds the memory that callers can make a container use.
	cacheSize = 1000
)

// GetItemer is what a token look-up calls in DynamoDB.
type GetItemer interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// Tokens is the table of API tokens, with a cache of those that were good a moment ago.
type Tokens struct {
	db    GetItemer
	table string

	mu    sync.Mutex
	cache map[string]cached
}

type cached struct {
	principal Principal
	until     time.Time
}

// NewTokens returns the tokens in table.
func NewTokens(db GetItemer, table string) *Tokens {
	return &Tokens{db: db, table: table, cache: map[string]cached{}}
}

// Connect looks up a token that does not exist, so that the first caller finds an open connection. One
// GetItem that finds nothing: one read unit.
func (t *Tokens) Connect(ctx context.Context) { _, _ = t.lookUp(ctx, hashToken("")) }

// Authenticate returns whose token an Authorization header holds at now, or
// Unauthenticated. At most one GetItem, none for a token read in the last minute.
func (t *Tokens) Authenticate(ctx context.Context, authorization string, now time.Time) (Principal, error) {
	token, ok := bearer(authorization)
	if !ok || !strings.HasPrefix(token, tokenPrefix) {
		return Principal{}, unauthenticated()
	}
	hash := hashToken(token)
	p, ok := t.cached(hash, now)
	if !ok {
		var err error
		if p, err = t.lookUp(ctx, hash); err != nil {
			return Principal{}, err
		}
		t.remember(hash, p, now)
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

func (t *Tokens) cached(hash string, now time.Time) (Principal, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, ok := t.cache[hash]
	return c.principal, ok && now.Before(c.until)
}

func (t *Tokens) remember(hash string, p Principal, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.cache) >= cacheSize {
		clear(t.cache)
	}
	t.cache[hash] = cached{principal: p, until: now.Add(cacheFor)}
}

// bearer returns the token of an Authorization header; the scheme's case does not matter.
func bearer(authorization string) (string, bool) {
	scheme, token, ok := strings.Cut(authorization, " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}
