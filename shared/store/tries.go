package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// tries sends a request again by the rules of the client's own retryer, in place of the client. Two
// things need that: a condition on the time must be told the time of each try, and a refusal can be
// read only by somebody who knows whether an earlier try may have been carried out.
type tries struct {
	retryer aws.Retryer       // the client's own
	release func(error) error // gives the client's allowance of retries back, by what became of one
	made    int
	unsure  bool // an earlier try may have been carried out: its answer never came
}

// once has the client send a request a single time.
func (t *tries) once(o *dynamodb.Options) {
	t.retryer = o.Retryer
	o.Retryer = aws.NopRetryer{}
}

// again reports whether to send the request once more that has ended with err. It pauses before it
// says so.
func (t *tries) again(ctx context.Context, err error) bool {
	t.made++
	if t.release != nil {
		_ = t.release(err)
	}
	if err == nil || t.made >= t.retryer.MaxAttempts() || !t.retryer.IsErrorRetryable(err) {
		return false
	}
	t.unsure = t.unsure || maybeDone(err)
	var refused error
	if t.release, refused = t.retryer.GetRetryToken(ctx, err); refused != nil {
		return false
	}
	delay, refused := t.retryer.RetryDelay(t.made, err)
	return refused == nil && sleep(ctx, delay)
}

// maybeDone reports whether DynamoDB may have carried out the request that ended with err. It has
// not if it answered with an error of the client's, a throttle or a conflict, say. Without an answer
// the SDK reports one with the status 0.
func maybeDone(err error) bool {
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) {
		return true
	}
	status := response.HTTPStatusCode()
	return status < 400 || status >= 500
}

// sleep waits for d; false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
