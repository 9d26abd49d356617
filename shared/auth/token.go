package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// tokenPrefix begins every API token, so that scanners find one that has leaked.
const tokenPrefix = "sk_akua_"

// A token's id, which names it in the audit trail, is this and the first digits of its hash.
const (
	idPrefix = "tok_"
	idDigits = 20
)

// ErrRevoked is for a token that was once good.
var ErrRevoked = errors.New("the token has been revoked")

// Grant is what a token is good for, and what we record about it.
type Grant struct {
	Workspace  string   // the one workspace that owns it, or
	Workspaces []string // where it may act
	Scopes     []Scope
	ExpiresAt  time.Time // zero: never

	CreatedAt   time.Time // zero: not known
	CreatedBy   string    // an ARN of AWS, or "laptop"
	Description string
}

// PutItemer is what Register calls in DynamoDB.
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
	ExpiresAt  int64    `dynamodbav:"expires_at,omitempty"` // Unix seconds, as all times here

	CreatedAt   int64  `dynamodbav:"created_at,omitempty"`
	CreatedBy   string `dynamodbav:"created_by,omitempty"`
	Description string `dynamodbav:"description,omitempty"`
	RevokedAt   int64  `dynamodbav:"revoked_at,omitempty"`
	RevokedBy   string `dynamodbav:"revoked_by,omitempty"`
}

// Mint makes a token with 256 random bits and registers it. The token it returns is stored
// nowhere.
func Mint(ctx context.Context, db PutItemer, table string, g Grant) (string, error) {
	var random [32]byte
	rand.Read(random[:]) // never fails
	token := tokenPrefix + base64.RawURLEncoding.EncodeToString(random[:])
	return token, Register(ctx, db, table, token, g)
}

// Register makes token good for g. A registered token stays unchanged. If it is revoked, it
// returns ErrRevoked.
func Register(ctx context.Context, db PutItemer, table, token string, g Grant) error {
	item, err := attributevalue.MarshalMap(tokenItem{
		Hash: hashToken(token), Workspace: g.Workspace, Workspaces: g.Workspaces, Scopes: g.Scopes,
		ExpiresAt: seconds(g.ExpiresAt), CreatedAt: seconds(g.CreatedAt), CreatedBy: g.CreatedBy, Description: g.Description,
	})
	if err != nil {
		return fmt.Errorf("register token: %w", err)
	}
	_, err = db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                           &table,
		Item:                                item,
		ConditionExpression:                 aws.String("attribute_not_exists(token_hash)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if failed := new(types.ConditionalCheckFailedException); errors.As(err, &failed) {
		if failed.Item["revoked_at"] != nil {
			return ErrRevoked
		}
		return nil // perhaps by this call, whose response was lost
	}
	if err != nil {
		return fmt.Errorf("register token: %w", err)
	}
	return nil
}

// hashToken needs no salt and no slowness: a token is 256 random bits, not a password.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// TokenID returns token's id in the audit trail. It reveals no token.
func TokenID(token string) string { return tokenItem{Hash: hashToken(token)}.id() }

func tokenKey(hash string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"token_hash": &types.AttributeValueMemberS{Value: hash}}
}

func (t tokenItem) id() string { return idPrefix + t.Hash[:min(idDigits, len(t.Hash))] }

func (t tokenItem) principal() Principal {
	return Principal{
		ID:        t.id(),
		Workspace: t.Workspace, Workspaces: t.Workspaces, Scopes: t.Scopes,
		ExpiresAt: instant(t.ExpiresAt),
	}
}

// seconds is how a row stores t: 0, so left out, if it is not known.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func instant(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
