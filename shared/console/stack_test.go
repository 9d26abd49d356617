package console_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	s.cloud.Setenv(slices.Collect(maps.Keys(boottest.Operations))...)
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

// trash puts a secret into the trash of a workspace.
func (s *stack) trash(workspace, name string) {
	s.t.Helper()
	token := s.mint(workspace, auth.Write)
	made := s.call(token, "POST /v1/secrets", `{"name":"`+name+`","kind":"generic","value":"correct horse battery staple"}`)
	s.call(token, "DELETE /v1/secrets/"+made["id"].(string), "")
}

// call calls the API with a token and the first etag, and returns the response's fields; nil if there are none.
func (s *stack) call(token, what, body string) (fields map[string]any) {
	s.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}, "If-Match": {"1"}}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		s.t.Fatalf("%s: %d %s, %v", what, response.StatusCode, text, err)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &fields); err != nil {
			s.t.Fatal(err)
		}
	}
	return fields
}
