package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/gateway"
	"keepsake/infra/cloud/host"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloudtest"
	"keepsake/infra/template"
	"keepsake/shared/api"
	"keepsake/shared/auth"
	"keepsake/shared/boot"
	"keepsake/shared/boot/boottest"
)

// stack is the service behind its gateway: each function as its main builds it. Its clock moves only if a test moves
// it. Lists do not lag: the tests of the package service check what the program does about that.
type stack struct {
	t     *testing.T
	cloud *cloudtest.Cloud
	db    *dynamodb.Client
	url   string

	operations map[string]api.Handler

	mu     sync.Mutex
	now    time.Time
	broken map[string][]int // by token: statuses of the next responses, in the place of the service's; 0: the service's
	asked  map[string]int   // by token: how many requests came
}

func startStack(t *testing.T) *stack {
	t.Helper()
	s := &stack{
		t: t, cloud: cloudtest.Start(t, cloudtest.Calm), operations: map[string]api.Handler{},
		broken: map[string][]int{}, asked: map[string]int{}, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	}
	s.db = dynamodb.NewFromConfig(s.cloud.Config())
	s.cloud.Setenv(slices.Collect(maps.Keys(boottest.Operations))...)
	for operation := range boottest.Operations {
		t.Setenv("AWS_ACCESS_KEY_ID", lambda.AccessKey(operation))
		env := boot.Environment()
		edge := env.Edge()
		edge.Now, edge.Log = s.clock, slog.New(slog.DiscardHandler)
		s.operations[operation] = boottest.Build(operation, edge, env)
	}
	s.serve()
	return s
}

func (s *stack) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stack) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *stack) serve() {
	s.t.Helper()
	root, err := host.FindUp("go.mod")
	if err != nil {
		s.t.Fatal(err)
	}
	tmpl, err := template.Read(root + "/template.yaml")
	if err != nil {
		s.t.Fatal(err)
	}
	front, err := gateway.New(tmpl, s.invoke)
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := s.fault(r); status != 0 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(status)
			fmt.Fprint(w, `{"success":false,"errors":[{"code":7011,"message":"Service Unavailable: try again"}],"result":{}}`)
			return
		}
		front.ServeHTTP(w, r)
	}))
	s.t.Cleanup(server.Close)
	s.url = server.URL
}

// fault returns the status of a response that a test has planted, or 0.
func (s *stack) fault(r *http.Request) int {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[token]++
	next := s.broken[token]
	if len(next) == 0 {
		return 0
	}
	if next[0] < away {
		s.broken[token] = next[1:]
		return next[0]
	}
	return http.StatusServiceUnavailable
}

// away in the place of a status: from now on the service is away.
const away = 999

func (s *stack) invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	var event api.Event
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	result, err := s.operations[function](ctx, event)
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

// mint makes a token for one workspace.
func (s *stack) mint(workspace string, scopes ...auth.Scope) string {
	s.t.Helper()
	if len(scopes) == 0 {
		scopes = auth.Scopes
	}
	token, err := auth.Mint(context.Background(), s.db, os.Getenv("TOKENS_TABLE"), auth.Grant{Workspace: workspace, Scopes: scopes})
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}
