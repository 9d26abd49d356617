package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloudtest"
	"keepsake/shared/api"
	"keepsake/shared/auth"
	"keepsake/shared/boot"
	"keepsake/shared/boot/boottest"
)

const (
	workspace = "ws_test"
	retention = 30 * 24 * time.Hour
	// plaintext is the value that tests store. TestNoValueLeaks looks for it everywhere.
	plaintext = "correct horse battery staple"
)

// service is every operation as its function's main builds it, with the product's own wiring
// (environment, retries, time-outs), against a cloud of its own. Time stands still until a test
// moves it.
type service struct {
	t     testing.TB
	cloud *cloudtest.Cloud
	db    *dynamodb.Client
	now   time.Time
	late  atomic.Int64 // nanoseconds that pass, beyond now, while a request is under way
	log   bytes.Buffer
	token string // what requests carry unless they say otherwise
	raw   string // the query as it was sent; empty: the event has only the gateway's decoded one
	apart bool   // each function has a cache of tokens of its own, as it has on AWS, and not get-secret's

	operations map[string]api.Handler
}

func start(t *testing.T) *service {
	t.Helper()
	s := launch(t)
	s.restart()
	return s
}

// launch does what start does, without building the operations.
func launch(t testing.TB) *service {
	t.Helper()
	s := &service{t: t, cloud: cloudtest.Start(t), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	s.db = dynamodb.NewFromConfig(s.cloud.Config())
	s.cloud.Setenv("create-secret", "delete-secret", "access-secret-version", "validate-token")
	t.Setenv("HCLOUD_URL", "http://127.0.0.1:1") // no listener: no test calls the real provider
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: auth.Scopes})
	return s
}

// restart builds every operation anew, as in fresh containers: no token is cached. Every request and
// response is compared with the document.
func (s *service) restart() {
	s.build()
	s.holdToTheDocument()
}

// build builds the operations. Each signs its calls as its function does, and may do what the function's
// role allows.
func (s *service) build() {
	env := s.as("get-secret")
	edge := env.Edge()
	edge.Now = func() time.Time { return s.now.Add(time.Duration(s.late.Load())) }
	edge.Log = slog.New(slog.NewJSONHandler(&s.log, nil))
	s.operations = map[string]api.Handler{}
	for operation := range boottest.Operations {
		env := s.as(operation)
		if s.apart {
			edge.Credentials = env.Edge().Credentials
		}
		s.operations[operation] = boottest.Build(operation, edge, env)
	}
}

// as returns the environment of a function.
func (s *service) as(function string) *boot.Env {
	s.t.Setenv("AWS_ACCESS_KEY_ID", lambda.AccessKey(function))
	return boot.Environment()
}

func (s *service) mint(g auth.Grant) string {
	s.t.Helper()
	token, err := auth.Mint(context.Background(), s.db, os.Getenv("TOKENS_TABLE"), g)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// request is what a test changes about an operation's sample event.
type request struct {
	id      string            // the secret's
	vid     string            // "latest" unless set
	name    string            // the secret's, as a client means it
	headers map[string]string // "" takes a header out
	query   map[string]string
	body    *string
}

func with(headers ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(headers); i += 2 {
		out[headers[i]] = headers[i+1]
	}
	return out
}

func body(text string) *string { return &text }

// call sends an operation's sample event, changed by r.
func (s *service) call(operation string, r request) response {
	s.t.Helper()
	return s.callWithin(context.Background(), operation, r)
}

func (s *service) callWithin(ctx context.Context, operation string, r request) response {
	s.t.Helper()
	if operation == "list-secrets" || operation == "list-trash" { // a test lists once the index has caught up
		s.cloud.Settle()
	}
	result, err := s.operations[operation](ctx, s.event(operation, r))
	if err != nil {
		s.t.Fatalf("%s: a handler returned an error instead of a response: %v", operation, err)
	}
	a := response{t: s.t, status: result.StatusCode, headers: result.Headers, text: result.Body}
	if a.text != "" {
		if err := json.Unmarshal([]byte(a.text), &a.json); err != nil {
			s.t.Fatalf("%s returned a body that is not JSON: %v", operation, err)
		}
	}
	return a
}

func (s *service) event(operation string, r request) api.Event {
	s.t.Helper()
	sample, err := os.ReadFile(filepath.Join("..", "..", "events", operation+".json"))
	if err != nil {
		s.t.Fatal(err)
	}
	filled := strings.NewReplacer("{{token}}", s.token, "{{origin}}", os.Getenv("ORIGIN_KEY"), "{{secret}}", "SECRET", "{{etag}}", "1", "{{version}}", "VERSION", "{{name}}", "NAME").Replace(string(sample))
	var event api.Event
	if err := json.Unmarshal([]byte(filled), &event); err != nil {
		s.t.Fatal(err)
	}
	delete(event.Headers, "idempotency-key")
	maps.Copy(event.Headers, r.headers)
	maps.DeleteFunc(event.Headers, func(_, v string) bool { return v == "" })
	event.QueryStringParameters, event.RawQueryString = r.query, s.raw
	if event.PathParameters != nil && r.id != "" {
		event.PathParameters["id"] = r.id
	}
	if r.name != "" {
		event.PathParameters["name"] = strings.ReplaceAll(strings.ReplaceAll(url.PathEscape(r.name), "~", "%7E"), "%", "~")
	}
	if r.vid != "" {
		event.PathParameters["vid"] = r.vid
	}
	if r.body != nil {
		event.Body = *r.body
	}
	return event
}
