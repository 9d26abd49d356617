package api

import (
	"context"
	"errors"
	"net"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"keepsake/shared/secret"
)

// throttles are the error codes by which AWS asks to come again later. A transaction that met
// another one is one of them, once the retries inside are used up.
var throttles = retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}

// down are the codes by which KMS says that the key cannot be used just now. What has to be
// mended is on the owner's side, and the request is good as it is.
var down = map[string]bool{
	"DependencyTimeoutException":   true,
	"DisabledException":            true,
	"KMSInternalException":         true,
	"KMSInvalidStateException":     true,
	"KeyUnavailableException":      true,
	"InternalServerError":          true,
	"TransactionConflictException": true,
	"TransactionCanceledException": true,
}

// backendError says what a failure of DynamoDB or KMS is to the caller.
func backendError(err error) *secret.Error {
	var api smithy.APIError
	var network net.Error
	var response *smithyhttp.ResponseError
	switch {
	case throttles.IsErrorThrottle(err) == aws.TrueTernary:
		return &secret.Error{Code: secret.Throttled, Message: "Too Many Requests: try again", Cause: err}
	case errors.As(err, &api) && down[api.ErrorCode()],
		errors.As(err, &response) && response.HTTPStatusCode() >= 500,
		errors.As(err, &network),
		errors.Is(err, context.DeadlineExceeded),
		isRequestSendError(err):
		return secret.UnavailableError(err)
	}
	return &secret.Error{Code: secret.Internal, Message: "Internal Error", Cause: err}
}

// isRequestSendError reports whether no answer came at all: the connection broke, or none came
// about.
func isRequestSendError(err error) bool {
	var send *smithyhttp.RequestSendError
	return errors.As(err, &send)
}
