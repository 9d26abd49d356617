package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
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

// Errors of a Registry about trusts.
var (
	ErrNoTrust       = errors.New("there is no such trust")
	ErrTooManyTrusts = fmt.Errorf("there are %d trusts already", MaxTrusts)
	ErrLongTrust     = fmt.Errorf("the trust has more than %d bytes of text", maxTrustSize)
)

// IsTrustID reports whether id can name a trust: tru_ and 20 hex digits, as in the audit trail.
func IsTrustID(id string) bool { return isID(id, trustPrefix) }

// isTrustRow reports whether a row of the table is of trusts: the key of a token's is its hash.
func isTrustRow(key string) bool { return key == trustsKey || strings.HasPrefix(key, trustPrefix) }

// Trust makes a trust and returns it. ErrLongTrust if it has too much text, ErrTooManyTrusts if there are
// MaxTrusts already. A container of a function that has read the trusts takes the first token by the new
// one 60 seconds after that read.
func (r Registry) Trust(ctx context.Context, rule Rule, grant Grant) (Trust, error) {
	var random [idDigits / 2]byte
	rand.Read(random[:]) // never fails
	trust := Trust{ID: trustPrefix + hex.EncodeToString(random[:]), Rule: rule, Grant: grant}
	if trust.size() > maxTrustSize {
		return Trust{}, ErrLongTrust
	}
	values, err := attributevalue.MarshalMap(map[string]any{":trust": trust.item(), ":one": 1, ":max": MaxTrusts})
	if err != nil {
		return Trust{}, fmt.Errorf("make a trust: %w", err)
	}
	_, err = r.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                           &r.table,
		Key:                                 tokenKey(trustsKey),
		UpdateExpression:                    aws.String("SET #id = :trust ADD trust_count :one"),
		ConditionExpression:                 aws.String("attribute_not_exists(#id) AND (attribute_not_exists(trust_count) OR trust_count < :max)"),
		ExpressionAttributeNames:            map[string]string{"#id": trust.ID},
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	failed := new(types.ConditionalCheckFailedException)
	switch {
	case errors.As(err, &failed) && failed.Item[trust.ID] != nil:
		return trust, nil // by this call, whose response was lost
	case errors.As(err, &failed):
		return Trust{}, ErrTooManyTrusts
	case err != nil:
		return Trust{}, fmt.Errorf("make a trust: %w", err)
	}
	return trust, nil
}

// ListTrusts returns every trust there ever was, the oldest first. Like List it reads the whole table. An error names
// one that this release cannot read.
func (r Registry) ListTrusts(ctx context.Context) ([]Trust, error) {
	trusts, unreadable, err := r.scanTrusts(ctx)
	if err == nil && len(unreadable) > 0 {
		err = unreadable[0]
	}
	if err != nil {
		return nil, fmt.Errorf("list trusts: %w", err)
	}
	return trusts, nil
}

func (r Registry) scanTrusts(ctx context.Context) (trusts []Trust, unreadable []error, err error) {
	err = r.scan(ctx, func(key string, item map[string]types.AttributeValue) error {
		switch {
		case key == trustsKey:
			found, errs := readTrusts(item)
			trusts, unreadable = append(trusts, found...), append(unreadable, errs...)
		case isTrustRow(key):
			trust, err := readTrust(key, item)
			if err != nil {
				unreadable = append(unreadable, err)
				return nil
			}
			trusts = append(trusts, trust)
		}
		return nil
	})
	slices.SortFunc(trusts, func(a, b Trust) int {
		// The last matters in a table from a backup, which may hold half an ending: what lets in stands first.
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID), a.EndedAt.Compare(b.EndedAt))
	})
	return trusts, unreadable, err
}

// EndTrust ends a trust for good and returns it, ended. It leaves the row that requests read, and gets one of its
// own, so that an id in the audit trail can be explained for as long as there is a trail. Ending it again changes
// nothing. ErrNoTrust if no trust has this id.
//
// A function that has read the trusts may still let somebody in by it for 60 seconds after that read.
func (r Registry) EndTrust(ctx context.Context, id, by string, now time.Time) (Trust, error) {
	trust, err := r.trust(ctx, id)
	if err != nil || !trust.EndedAt.IsZero() {
		return trust, err
	}
	trust.EndedAt, trust.EndedBy = now.UTC().Truncate(time.Second), by
	err = r.retire(ctx, trust)
	if canceled := new(types.TransactionCanceledException); errors.As(err, &canceled) {
		again, found := r.trust(ctx, id)
		if found == nil && again.EndedAt.IsZero() {
			return Trust{}, fmt.Errorf("end a trust: %w", err)
		}
		return again, found // ended meanwhile, by somebody else
	}
	if err != nil {
		return Trust{}, fmt.Errorf("end a trust: %w", err)
	}
	return trust, nil
}

// trust finds a trust, whatever else in the table cannot be read.
func (r Registry) trust(ctx context.Context, id string) (Trust, error) {
	trusts, unreadable, err := r.scanTrusts(ctx)
	if err != nil {
		return Trust{}, err
	}
	i := slices.IndexFunc(trusts, func(t Trust) bool { return t.ID == id })
	switch {
	case i >= 0:
		return trusts[i], nil
	case len(unreadable) > 0:
		return Trust{}, unreadable[0]
	}
	return Trust{}, ErrNoTrust
}

// retire moves a trust from the row of all to one of its own.
func (r Registry) retire(ctx context.Context, trust Trust) error {
	item := trust.item()
	item.Key = trust.ID
	row, err := attributevalue.MarshalMap(item)
	if err != nil {
		return err
	}
	_, err = r.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Update: &types.Update{
			TableName:                 &r.table,
			Key:                       tokenKey(trustsKey),
			UpdateExpression:          aws.String("REMOVE #id ADD trust_count :less"),
			ConditionExpression:       aws.String("attribute_exists(#id)"),
			ExpressionAttributeNames:  map[string]string{"#id": trust.ID},
			ExpressionAttributeValues: map[string]types.AttributeValue{":less": &types.AttributeValueMemberN{Value: "-1"}},
		}},
		{Put: &types.Put{TableName: &r.table, Item: row}},
	}})
	return err
}
