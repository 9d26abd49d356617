package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/shared/api"
	"keepsake/shared/auth"
	"keepsake/shared/boot"
	"keepsake/shared/store"
)

// cannedResponse plays DynamoDB without a wire: every call has the same answer.
type cannedResponse string

func (a cannedResponse) Do(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte(a))),
	}, nil
}

const storedSecret = `{"Item":{"pk":{"S":"ws_b#sec_1"},"sk":{"S":"meta"},"workspace_id":{"S":"ws_b"},"id":{"S":"sec_1"},
	"secret_name":{"S":"n"},"kind":{"S":"generic"},"secret_state":{"S":"active"},"version_count":{"N":"1"},
	"enabled_version_count":{"N":"1"},"created_at":{"N":"1"},"updated_at":{"N":"1"},"revision":{"N":"1"}}}`

// BenchmarkGet is a whole get-secret but for the network: what telemetry costs is a part of it.
func BenchmarkGet(b *testing.B) {
	b.Setenv("AWS_REGION", "us-east-1")
	b.Setenv("AWS_ACCESS_KEY_ID", "test")
	b.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	b.Setenv("ORIGIN_KEY", "k")
	config := boot.Environment().AWS
	config.HTTPClient = cannedResponse(storedSecret)
	edge := boot.Environment().BareEdge()
	edge.Log, edge.Credentials = slogTo(io.Discard), everybody{}
	handle := api.GetSecret(edge, store.New(dynamodb.NewFromConfig(config), "SecretsTable"), "https://x")
	event := api.Event{
		Headers:        with("x-origin-key", "k", "traceparent", traceparent),
		PathParameters: with("id", "sec_1"),
	}
	for b.Loop() {
		if response, err := handle(b.Context(), event); err != nil || response.StatusCode != http.StatusOK {
			b.Fatal(response.StatusCode, response.Body, err)
		}
	}
}

// everybody lets anybody do anything in one workspace.
type everybody struct{}

func (everybody) Authenticate(context.Context, string, time.Time) (auth.Principal, error) {
	return auth.Principal{ID: "tok_b", Workspace: "ws_b", Scopes: auth.Scopes}, nil
}
