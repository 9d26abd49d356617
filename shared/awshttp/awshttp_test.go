package awshttp_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	aws "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"keepsake/shared/awshttp"
)

// slow is a connection whose write of a request's end reaches the service at once, and returns when it is
// told so.
type slow struct {
	net.Conn
	finish <-chan struct{}
}

func (s slow) Write(p []byte) (int, error) {
	n, err := s.Conn.Write(p)
	if bytes.HasSuffix(p, []byte("{}")) {
		<-s.finish
	}
	return n, err
}

func TestARequestSucceedsAlthoughItsBodyIsClosedBeforeItIsAllWritten(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{}`)
	}))
	t.Cleanup(service.Close)

	closed, written := make(chan struct{}), make(chan error, 1)
	client := awshttp.Client{BuildableClient: aws.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) {
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return slow{conn, closed}, err
		}
	})}
	db := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: sdk.String(service.URL), HTTPClient: client, Retryer: sdk.NopRetryer{},
		APIOptions: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
			return stack.Deserialize.Add(afterResponse(func() { close(closed) }), middleware.After)
		}},
		Credentials: sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
			return sdk.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	})
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(info httptrace.WroteRequestInfo) { written <- info.Err },
	})
	if _, err := db.ListTables(ctx, nil); err != nil {
		t.Error(err)
	}
	if err := <-written; err != nil {
		t.Errorf("the connection is cut: %v", err)
	}
}

// afterResponse runs a function when the SDK has the beginning of a response.
type afterResponse func()

func (afterResponse) ID() string { return "afterResponse" }

func (f afterResponse) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	f()
	return out, metadata, err
}
