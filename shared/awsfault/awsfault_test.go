package awsfault_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"keepsake/shared/awsfault"
	"keepsake/shared/fault"
)

// transport answers every request in the place of AWS.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// get asks a DynamoDB that answers by t, once.
func get(ctx context.Context, t transport) error {
	db := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient: &http.Client{Transport: t}, Retryer: aws.NopRetryer{},
		APIOptions: []func(*middleware.Stack) error{awsfault.Classify},
	})
	_, err := db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String("table"), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "a"}},
	})
	return err
}

// refuses is an AWS that answers with an error code.
func refuses(status int, code string) transport {
	return func(*http.Request) (*http.Response, error) {
		body := `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"its own words"}`
		return &http.Response{
			StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
}

func TestEachFailureOfAWSHasItsKind(t *testing.T) {
	for code, c := range map[string]struct {
		status int
		want   fault.Kind
	}{
		"ThrottlingException":                    {400, fault.Throttled},
		"ProvisionedThroughputExceededException": {400, fault.Throttled},
		"RequestLimitExceeded":                   {400, fault.Throttled},
		"InternalServerError":                    {500, fault.Unavailable},
		"ANameThatNobodyKnows":                   {503, fault.Unavailable},
		"TransactionConflictException":           {400, fault.Unavailable},
		"TransactionCanceledException":           {400, fault.Unavailable},
		"TransactionInProgressException":         {400, fault.Throttled},
		"KMSInvalidStateException":               {400, fault.Unavailable},
		"DisabledException":                      {400, fault.Unavailable},
		"KeyUnavailableException":                {500, fault.Unavailable},
		"AccessDeniedException":                  {400, fault.Internal},
		"ValidationException":                    {400, fault.Internal},
		"ResourceNotFoundException":              {400, fault.Internal},
	} {
		err := get(t.Context(), refuses(c.status, code))
		if got := fault.KindOf(err); got != c.want {
			t.Errorf("%s is %s, want %s", code, got, c.want)
		}
	}
}

func TestAnAWSThatDoesNotAnswerIsUnavailable(t *testing.T) {
	broken := func(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset") }
	if got := fault.KindOf(get(t.Context(), broken)); got != fault.Unavailable {
		t.Errorf("a broken connection is %s", got)
	}
	late := func(*http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded }
	if got := fault.KindOf(get(t.Context(), late)); got != fault.Unavailable {
		t.Errorf("a deadline is %s", got)
	}
}

func TestWhatAWSSaidIsTheCauseAndIsNeverShown(t *testing.T) {
	err := get(t.Context(), refuses(400, "ResourceNotFoundException"))
	var shown *fault.Error
	if !errors.As(err, &shown) || strings.Contains(shown.Message, "words") {
		t.Errorf("the caller would be shown %+v", shown)
	}
	var cause *types.ResourceNotFoundException
	if !errors.As(err, &cause) || cause.ErrorMessage() != "its own words" {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestACallThatSucceedsHasNoFault(t *testing.T) {
	fine := func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{}`))}, nil
	}
	if err := get(t.Context(), fine); err != nil {
		t.Error(err)
	}
}
