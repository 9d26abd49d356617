package store

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// cause is why one item of a transaction was not written.
type cause struct {
	failed bool // its condition did not hold
	row    item // the row as it was; nil if there was none
}

// reason returns why the i-th item of a cancelled transaction was not written.
func reason(cancelled *types.TransactionCanceledException, i int) cause {
	if i >= len(cancelled.CancellationReasons) {
		return cause{}
	}
	r := cancelled.CancellationReasons[i]
	return cause{failed: aws.ToString(r.Code) == "ConditionalCheckFailed", row: r.Item}
}
