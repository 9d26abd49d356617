package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/envfile"
)

// rows counts a secret's rows in a table.
func (l *laptop) rows(table, id string) int {
	l.t.Helper()
	known, err := envfile.Read(l.path(envfile.Path))
	if err != nil {
		l.t.Fatal(err)
	}
	data := (&dynamoDB{url: known[envfile.DynamoDB]}).client()
	out, err := data.Query(l.t.Context(), &dynamodb.QueryInput{
		TableName: aws.String(table), Select: types.SelectCount, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: localWorkspace + "#" + id}},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return int(out.Count)
}

func TestWithTheTTLAloneNothingIsLeftOfASecretPastItsDeadlineButItsTrail(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start("PURGE=ttl", "RETENTION=1s")
	id := l.deleted()
	if n := l.rows("SecretsTable", id); n != 2 {
		t.Fatalf("a deleted secret has %d rows, want its own and its version's", n)
	}
	until(t, "no row is left", func() bool { return l.rows("SecretsTable", id) == 0 })
	until(t, "its creation, deletion and purge are in the trail", func() bool { return l.rows("AuditTable", id) == 3 })
}

func TestASweepThatFailsIsToldOnceAndTriedAgain(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	var log strings.Builder
	results := []error{errors.New("out of order"), errors.New("out of order"), nil, errors.New("out of order"), errors.New("another")}
	done := 0
	sweepAgain(ctx, func(context.Context) error {
		if done++; done > len(results) {
			end()
			return ctx.Err()
		}
		return results[done-1]
	}, time.Microsecond, &log)
	if want := "out of order\nout of order\nanother\n"; log.String() != want {
		t.Errorf("the log says %q, want %q", log.String(), want)
	}
}
