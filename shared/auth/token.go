package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// tokenPrefix begins every API token, so that scanners find one that has leaked.
const tokenPrefix = "sk_akua_"

// Grant is what a token is good for.
type Grant struct {
	Workspace  string   // the one workspace that owns it, or
	Workspaces []string // those that it may act in
	Scopes     []Scope
	ExpiresAt  time.Time // zero: never
}

// PutItemer is what registering a token asks of DynamoDB.
type PutItemer interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// tokenItem is the row of a token: what it is good for, under its hash. Nothing in the table is a
// credential.
type tokenItem struct {
	Hash       string   `dynamodbav:"token_hash"`
	Workspace  string   `dynamodbav:"workspace_id,omitempty"`
	Workspaces []string `dynamodbav:"workspace_ids,omitempty"`
	Scopes     []Scope  `dynamodbav:"scopes"`
	ExpiresAt  int64    `dynamodbav:"expires_at,omitempty"` // Unix seconds
}

// Mint makes a token with 256 random bits and registers it. It is returned this once and stored
// nowhere.
func Mint(ctx context.Context, db PutItemer, table string, g Grant) (string, error) {
	var random [32]byte
	rand.Read(random[:]) // never fails
	token := tokenPrefix + base64.RawURLEncoding.EncodeToString(random[:])
	return token, Register(ctx, db, table, token, g)
}

// Register makes token good for g.
func Register(ctx context.Context, db PutItemer, table, token string, g Grant) error {
	row := tokenItem{Hash: hashToken(token), Workspace: g.Workspace, Workspaces: g.Workspaces, Scopes: g.Scopes}
	if !g.ExpiresAt.IsZero() {
		row.ExpiresAt = g.ExpiresAt.Unix()
	}
	item, err := attributevalue.MarshalMap(row)
	if err != nil {
		return fmt.Errorf("register token: %w", err)
	}
	if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
		return fmt.Errorf("register token: %w", err)
	}
	return nil
}

// hashToken needs no salt and no slowness: a token is 256 random bits, not a password.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func (t tokenItem) principal() Principal {
	p := Principal{
		ID:        "tok_" + t.Hash[:20],
		Workspace: t.Workspace, Workspaces: t.Workspaces, Scopes: t.Scopes,
	}
	if t.ExpiresAt != 0 {
		p.ExpiresAt = time.Unix(t.ExpiresAt, 0).UTC()
	}
	return p
}
