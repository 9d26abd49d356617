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

// An answer that does not come is worth four tries within the ten seconds that a function has:
// DynamoDB and KMS answer in milliseconds, or not at all. Trying again is safe: a write that had
// succeeded is recognised by its mark on the row, or by its transaction's token.
//
// The SDK would pause for up to a second before the first retry, a caller's whole patience. Both
// services ask for much less.
const (
	attemptTimeout = 2 * time.Second
	maxAttempts    = 4
	firstBackoff   = 50 * time.Millisecond // at most; doubled with each further try
)

func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.Backoff = retry.BackoffDelayerFunc(backoff)
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(metATransaction))
	})
}

// backoff is a random time up to a bound that doubles: callers that failed together do not come back
// together.
func backoff(attempt int, _ error) (time.Duration, error) {
	return rand.N(firstBackoff << min(attempt, maxAttempts)), nil
}

// metATransaction reports whether a write lost against a transaction that touched the same row at
// the same time, or was one itself: nothing is wrong with it, only its moment.
func metATransaction(err error) aws.Ternary {
	var conflict *types.TransactionConflictException
	if errors.As(err, &conflict) {
		return aws.TrueTernary
	}
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return aws.UnknownTernary
	}
	passing := []string{"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
	for _, reason := range cancelled.CancellationReasons {
		if !slices.Contains(passing, aws.ToString(reason.Code)) {
			return aws.FalseTernary
		}
	}
	return aws.TrueTernary
}
