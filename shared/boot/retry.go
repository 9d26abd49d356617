package boot

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A call without a response is tried four times within the ten seconds that a function has: DynamoDB
// and KMS respond in milliseconds, or not at all. Trying again is safe: a write that succeeded is
// recognised by its mark on the row, or by its transaction's token.
//
// The SDK would wait for up to a second before the first retry, as long as a caller is patient. Both
// services recommend much less.
const (
	attemptTimeout = 2 * time.Second
	maxAttempts    = 4
	firstBackoff   = 50 * time.Millisecond // the bound of a wait; doubled with each try
)

func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.Backoff = retry.BackoffDelayerFunc(backoff)
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(metATransaction))
	})
}

// backoff returns a random time below a bound that doubles: callers that failed together do not retry
// together.
func backoff(attempt int, _ error) (time.Duration, error) {
	return rand.N(firstBackoff << min(attempt, maxAttempts)), nil
}

// metATransaction reports whether a write, or a transaction, failed only because of its moment: a
// transaction touched the same row at the same time, or DynamoDB throttled it. It can be retried. A
// condition that failed beside that does not tell all, because the others have not been evaluated.
func metATransaction(err error) aws.Ternary {
	var conflict *types.TransactionConflictException
	if errors.As(err, &conflict) {
		return aws.TrueTernary
	}
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return aws.UnknownTernary
	}
	passing := []string{"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
	final := []string{"None", "ConditionalCheckFailed"}
	again := aws.FalseTernary
	for _, reason := range cancelled.CancellationReasons {
		switch code := aws.ToString(reason.Code); {
		case slices.Contains(passing, code):
			again = aws.TrueTernary
		case !slices.Contains(final, code):
			return aws.FalseTernary
		}
	}
	return again
}
