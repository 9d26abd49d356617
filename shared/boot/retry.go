package boot

import (
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An answer that does not come is worth four tries within the ten seconds that a function has:
// DynamoDB and KMS answer in milliseconds, or not at all. Trying again is safe: a write that had
// succeeded is recognised by the stamp on the row.
const (
	attemptTimeout = 2 * time.Second
	maxAttempts    = 4
	maxBackoff     = 500 * time.Millisecond
)

func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.MaxBackoff = maxBackoff
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(metATransaction))
	})
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
