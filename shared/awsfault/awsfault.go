// Package awsfault turns the failures of AWS's services into faults. A client that is made with
// Classify returns errors of a kind; what AWS said is their cause, which errors.As still finds.
package awsfault

import (
	"context"
	"errors"
	"net"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"keepsake/shared/fault"
)

// Classify makes every failed call of a client return a *fault.Error. Add it to the client's APIOptions.
func Classify(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("ClassifyFaults",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleInitialize(ctx, in)
			if err != nil {
				err = classify(err)
			}
			return out, metadata, err
		}), middleware.Before)
}

// throttles are the error codes with which AWS asks to try again later, that of a transaction which is
// still under way among them.
var throttles = retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}

// unavailable are the codes by which DynamoDB and KMS say that a good request cannot be carried out
// just now. If KMS says so, the owner has to mend the key.
var unavailable = map[string]bool{
	"DependencyTimeoutException":   true,
	"DisabledException":            true,
	"KMSInternalException":         true,
	"KMSInvalidStateException":     true,
	"KeyUnavailableException":      true,
	"InternalServerError":          true,
	"TransactionConflictException": true,
	"TransactionCanceledException": true,
}

// classify returns the kind of failure that a caller is shown for err.
func classify(err error) *fault.Error {
	var api smithy.APIError
	var network net.Error
	var response *smithyhttp.ResponseError
	var unsent *smithyhttp.RequestSendError // the connection broke, or there was none
	switch {
	case throttles.IsErrorThrottle(err) == aws.TrueTernary:
		return fault.NewThrottled(err)
	case errors.As(err, &api) && unavailable[api.ErrorCode()],
		errors.As(err, &response) && response.HTTPStatusCode() >= 500,
		errors.As(err, &network),
		errors.As(err, &unsent),
		errors.Is(err, context.DeadlineExceeded):
		return fault.NewUnavailable(err)
	}
	return fault.NewInternal(err)
}
