package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// tries retries a request by the rules of the client's own retryer, in place of the client. There are
// two reasons: a condition on the time needs the time of each try, and a refusal can be interpreted
// only if it is known whether an earlier try may have been carried out.
type tries struct {
	retryer aws.Retryer       // the client's own
	release func(error) error // returns a token to the client's retry quota, given a retry's outcome
	made    int
	unsure  bool // an earlier try may have been carried out: it got no response
}

// once makes the client send a request a single time.
func (t *tries) once(o *dynamodb.Options) {
	t.retryer = o.Retryer
	o.Retryer = aws.NopRetryer{}
}

// again reports whether to send again the request that ended with err. If so, it waits before it
// returns.
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

// maybeDone reports whether DynamoDB may have carried out the request that ended with err. It has not
// if it responded with a client error, such as a throttle or a conflict. If there was no response, the
// SDK reports one with the status 0.
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
