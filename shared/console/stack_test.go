package console_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/gateway"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloudtest"
	"keepsake/infra/cloudtest/browser"
	"keepsake/infra/template"
	"keepsake/shared/api"
	"keepsake/shared/auth"
	"keepsake/shared/boot"
	"keepsake/shared/boot/boottest"
)

func TestMain(m *testing.M) { os.Exit(browser.Run(m)) }

// stack is the whole service behind its edge function and its gateway, with every operation as its function's
// main builds it.
type stack struct {
	t     testing.TB
	cloud *cloudtest.Cloud
	db    *dynamodb.Client
	url   string // of the gateway: scheme, host and port
	now   func() time.Time
}

// start starts a stack that ends with the test. settings are variables of the environment that replace the
// template's: a name, its value, and so on.
func start(t *testing.T, settings ...string) *stack {
	t.Helper()
	s := &stack{t: t, cloud: cloudtest.Start(t, cloudtest.Calm, cloudtest.WithStreams), now: time.Now}
	s.db = dynamodb.NewFromConfig(s.cloud.Config())
	t.Setenv("AWS_REGION", template.Region)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", s.cloud.URL())
	t.Setenv("AWS_ENDPOINT_URL_KMS", s.cloud.URL())
	for operation := range boottest.Operations {
		for name, value := range s.cloud.Function(operation).Environment {
			t.Setenv(name, value)
		}
	}
	t.Setenv("HCLOUD_URL", "http://127.0.0.1:1") // no listener: no test calls the real provider
	for i := 0; i < len(settings); i += 2 {
		t.Setenv(settings[i], settings[i+1])
	}
	s.serve()
	return s
}

// serve builds the operations and opens the gateway's port.
func (s *stack) serve() {
	operations := map[string]api.Handler{}
	for operation := range boottest.Operations {
		s.t.(*testing.T).Setenv("AWS_ACCESS_KEY_ID", lambda.AccessKey(operation))
		env := boot.Environment()
		edge := env.Edge()
		edge.Now = func() time.Time { return s.now() }
		edge.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
		operations[operation] = boottest.Build(operation, edge, env)
	}
	tmpl, err := template.Read(filepath.Join("..", "..", "template.yaml"))
	if err != nil {
		s.t.Fatal(err)
	}
	g, err := gateway.New(tmpl, func(ctx context.Context, function string, event []byte) ([]byte, error) {
		var e api.Event
		if err := json.Unmarshal(event, &e); err != nil {
			return nil, err
		}
		result, err := operations[function](ctx, e)
		if err != nil {
			return nil, err
		}
		return json.Marshal(result)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewServer(g)
	s.t.Cleanup(server.Close)
	s.url = server.URL
}

// mint returns a new token.
func (s *stack) mint(workspace string, scopes ...auth.Scope) string {
	s.t.Helper()
	token, err := auth.Mint(s.t.Context(), s.db, os.Getenv("TOKENS_TABLE"), auth.Grant{Workspace: workspace, Scopes: scopes})
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}
