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

	"keepsake/shared/fault"
)

const (
	// cacheFor is how long a container trusts what it read about a token, and so how
	// long it may accept a revoked one.
	cacheFor = 60 * time.Second
	// refreshAfter is when a token that is still trusted is read again, beside a request: the last
	// quarter of its time is for requests that come once in 15 seconds or more often.
	refreshAfter = 45 * time.Second
	// refreshTime is how long such a read may take.
	refreshTime = 5 * time.Second
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
	principal  Principal
	read       time.Time // when its read began: it knows of each revocation before
	refreshing bool      // a read is under way
}

// NewTokens returns the tokens in table.
func NewTokens(db GetItemer, table string) *Tokens {
	return &Tokens{db: db, table: table, cache: map[string]cached{}}
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
	hash := hashToken(token)
	p, ok, old := t.cached(hash, now)
	if !ok {
		var err error
		if p, err = t.lookUp(ctx, hash); err != nil {
			return Principal{}, err
		}
		t.remember(hash, p, now)
	}
	if old {
		go t.refresh(context.WithoutCancel(ctx), hash, now)
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

// cached returns a token's principal if it is trusted at now. It is old if the caller should refresh it.
// A token whose minute is over is forgotten: a refresh that is under way does not bring it back.
func (t *Tokens) cached(hash string, now time.Time) (p Principal, ok, old bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, ok := t.cache[hash]
	if !ok || !now.Before(c.read.Add(cacheFor)) {
		delete(t.cache, hash)
		return Principal{}, false, false
	}
	old = !c.refreshing && !now.Before(c.read.Add(refreshAfter))
	c.refreshing = c.refreshing || old
	t.cache[hash] = c
	return c.principal, true, old
}

func (t *Tokens) remember(hash string, p Principal, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.cache) >= cacheSize {
		clear(t.cache)
	}
	t.cache[hash] = cached{principal: p, read: now}
}

// refresh reads a token again. Lambda may stop the process in the midst of it, for hours: the token is
// trusted for a minute from began, when the request came, and not from when the read ended.
func (t *Tokens) refresh(ctx context.Context, hash string, began time.Time) {
	ctx, cancel := context.WithTimeout(ctx, refreshTime)
	defer cancel()
	p, err := t.lookUpGuarded(ctx, hash)
	t.mu.Lock()
	defer t.mu.Unlock()
	c, ok := t.cache[hash]
	switch {
	case !ok: // forgotten meanwhile
	case err == nil:
		t.cache[hash] = cached{principal: p, read: began}
	case fault.KindOf(err) == fault.Unauthenticated:
		delete(t.cache, hash)
	default: // the next request tries again
		c.refreshing = false
		t.cache[hash] = c
	}
}

// lookUpGuarded is lookUp whose panic is an error: nobody else would catch it, and the process would end.
func (t *Tokens) lookUpGuarded(ctx context.Context, hash string) (p Principal, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.Panic(r)
		}
	}()
	return t.lookUp(ctx, hash)
}

// bearer returns the token of an Authorization header; the scheme's case does not matter.
func bearer(authorization string) (string, bool) {
	scheme, token, ok := strings.Cut(authorization, " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}
