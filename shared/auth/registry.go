package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Token is what we know about an API token. The token itself is never stored.
type Token struct {
	ID string // as in the audit trail
	Grant
	RevokedAt time.Time // zero: it has not been
	RevokedBy string

	hash string
}

// Registry is the token table for its owner, who may list and revoke tokens, and make, list and end trusts. No
// function may.
type Registry struct {
	db    RegistryDB
	table string
}

// RegistryDB is the DynamoDB calls of a Registry.
type RegistryDB interface {
	dynamodb.ScanAPIClient
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// ErrNoToken is for an id that no token has.
var ErrNoToken = errors.New("there is no such token")

// IsTokenID reports whether id can name a token: tok_ and 20 hex digits, as in the audit trail.
func IsTokenID(id string) bool { return isID(id, idPrefix) }

func isID(id, prefix string) bool {
	digits, ok := strings.CutPrefix(id, prefix)
	return ok && len(digits) == idDigits && strings.Trim(digits, "0123456789abcdef") == ""
}

// NewRegistry returns the registry of the tokens in table.
func NewRegistry(db RegistryDB, table string) Registry { return Registry{db: db, table: table} }

// List returns every token there ever was, the oldest first. It reads the whole table, which no
// request ever does: a row has about 300 bytes, and an owner has some dozens of rows.
func (r Registry) List(ctx context.Context) ([]Token, error) {
	var tokens []Token
	err := r.scan(ctx, func(key string, item map[string]types.AttributeValue) error {
		if isTrustRow(key) {
			return nil
		}
		token, err := readToken(item)
		tokens = append(tokens, token)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	slices.SortFunc(tokens, func(a, b Token) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return tokens, nil
}

// scan calls read with each row of the table and its key.
func (r Registry) scan(ctx context.Context, read func(key string, item map[string]types.AttributeValue) error) error {
	pages := dynamodb.NewScanPaginator(r.db, &dynamodb.ScanInput{TableName: &r.table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			var key string
			if err := attributevalue.Unmarshal(item["token_hash"], &key); err != nil {
				return err
			}
			if err := read(key, item); err != nil {
				return err
			}
		}
	}
	return nil
}

// Revoke ends a token for good and returns it, revoked. Its row stays, so that an id in the audit
// trail can be explained for as long as there is a trail. Revoking it again changes
// nothing. ErrNoToken if no token has this id.
//
// A function that has read the token may still accept it for 60 seconds after that read.
func (r Registry) Revoke(ctx context.Context, id, by string, now time.Time) (Token, error) {
	tokens, err := r.List(ctx)
	if err != nil {
		return Token{}, err
	}
	i := slices.IndexFunc(tokens, func(t Token) bool { return t.ID == id })
	if i < 0 {
		return Token{}, ErrNoToken
	}
	return r.mark(ctx, tokens[i].hash, by, now)
}

const (
	revocation = "SET revoked_at = :now, revoked_by = :by"
	notRevoked = "attribute_exists(token_hash) AND attribute_not_exists(revoked_at)"
)

func (r Registry) mark(ctx context.Context, hash, by string, now time.Time) (Token, error) {
	values, err := attributevalue.MarshalMap(map[string]any{":now": now.Unix(), ":by": by})
	if err != nil {
		return Token{}, fmt.Errorf("revoke a token: %w", err)
	}
	out, err := r.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                           &r.table,
		Key:                                 tokenKey(hash),
		UpdateExpression:                    aws.String(revocation),
		ConditionExpression:                 aws.String(notRevoked),
		ExpressionAttributeValues:           values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	failed := new(types.ConditionalCheckFailedException)
	switch {
	case errors.As(err, &failed) && failed.Item != nil:
		return readToken(failed.Item) // revoked before, perhaps by this call, whose response was lost
	case errors.As(err, &failed):
		return Token{}, ErrNoToken
	case err != nil:
		return Token{}, fmt.Errorf("revoke a token: %w", err)
	}
	return readToken(out.Attributes)
}

// readToken reads a row of any version: missing fields are zero.
func readToken(item map[string]types.AttributeValue) (Token, error) {
	var row tokenItem
	if err := attributevalue.UnmarshalMap(item, &row); err != nil {
		return Token{}, fmt.Errorf("read a token's row: %w", err)
	}
	return Token{
		ID: row.id(),
		Grant: Grant{
			Workspace: row.Workspace, Workspaces: row.Workspaces, Scopes: row.Scopes, ExpiresAt: instant(row.ExpiresAt),
			CreatedAt: instant(row.CreatedAt), CreatedBy: row.CreatedBy, Description: row.Description,
		},
		RevokedAt: instant(row.RevokedAt), RevokedBy: row.RevokedBy,
		hash: row.Hash,
	}, nil
}
