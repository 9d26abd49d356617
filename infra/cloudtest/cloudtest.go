// Package cloudtest gives each test a cloud of its own: a real DynamoDB engine in memory with the
// template's tables, and KMS with the template's keys, behind a proxy that counts the calls and injects
// faults. There DynamoDB is as hostile as AWS allows (see the package hostile), unless a test asks for
// Calm or HOSTILE=off is set.
package cloudtest

import (
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"keepsake/infra/cloud/engine"
	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/stream"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest/hostile"
	"keepsake/infra/template"
	"keepsake/shared/awshttp"
)

// Cloud is the cloud of one test. Many goroutines may call its methods at once.
type Cloud struct {
	t        testing.TB
	root     string // the repository's
	url      string
	template *template.Template
	engine   *engine.Engine
	engines  []*engine.Engine // the same, and the replica if a read has needed it
	proxy    *wire.Proxy
	streams  bool
	calm     bool
	failing  bool
	seed     uint64          // of the hostility; 0 until it is chosen
	hostile  *hostile.Layer  // nil if calm
	faults   *hostile.Faults // nil without WithFaults

	mu    sync.Mutex
	calls []string
	hook  wire.Hook

	policies *iam.Policies
}

// Config returns the configuration of AWS clients that call this cloud as its owner, who may do
// anything. They retry as the SDK does by default.
func (c *Cloud) Config() aws.Config { return c.config("test") }

// ConfigOf returns the configuration of AWS clients that act for a function and may do what its role
// allows.
func (c *Cloud) ConfigOf(function string) aws.Config {
	c.t.Helper()
	return c.config(lambda.AccessKey(c.Function(function).Name))
}

func (c *Cloud) config(accessKey string) aws.Config {
	return aws.Config{
		Region:       template.Region,
		Credentials:  credentials.NewStaticCredentialsProvider(accessKey, "test", ""),
		BaseEndpoint: aws.String(c.url),
		HTTPClient:   awshttp.Client{BuildableClient: http.NewBuildableClient()}, // a test counts its calls
	}
}

// URL returns the endpoint of both DynamoDB and KMS, for programs that read AWS_ENDPOINT_URL_*.
func (c *Cloud) URL() string { return c.url }

// Setenv sets this process's environment until the test ends as Lambda sets that of these functions: the region, the
// endpoints and the template's variables. AWS_ACCESS_KEY_ID, which says who calls, is left to the test.
func (c *Cloud) Setenv(functions ...string) {
	c.t.Helper()
	c.t.Setenv("AWS_REGION", template.Region)
	c.t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	c.t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", c.url)
	c.t.Setenv("AWS_ENDPOINT_URL_KMS", c.url)
	for _, name := range functions {
		for variable, value := range c.Function(name).Environment {
			c.t.Setenv(variable, value)
		}
	}
}

// Function returns a function of the template by its name, such as "undelete-secret". Its environment
// names the tables and keys. If there is no such function, the test fails.
func (c *Cloud) Function(name string) template.Function {
	c.t.Helper()
	f, ok := c.template.Function(name)
	if !ok {
		c.t.Fatalf("the template has no function %s", name)
	}
	return f
}

// SweepTTL makes DynamoDB delete every expired row, by this machine's clock.
func (c *Cloud) SweepTTL(t testing.TB) {
	t.Helper()
	if err := c.engine.SweepTTL(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.hostile != nil {
		c.hostile.Forget()
	}
}

// Events returns the events, one for each batch, with which a stream would have invoked a function so
// far, from the first change on. The cloud must have been started WithStreams.
func (c *Cloud) Events(t testing.TB, function string) [][]byte {
	t.Helper()
	events, err := stream.Read(t.Context(), c.engine.URL(), c.Function(function))
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// Calls lists the calls since the last ResetCalls, such as "dynamodb:UpdateItem", in the order in which
// they arrived. A retry is another call.
func (c *Cloud) Calls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

// ResetCalls drops the calls made so far. From then on every batch is performed whole: the test is
// about to count calls, and a batch done in part would need more of them.
func (c *Cloud) ResetCalls() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = nil
	if c.hostile != nil {
		c.hostile.Whole()
	}
}

// Hook makes hook decide each call from now on. nil: all calls pass.
func (c *Cloud) Hook(hook func(wire.Call) wire.Verdict) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hook = hook
}

// observe counts a call before it is decided: a call that a fault hits was made, too. A call that a
// function signed may only be what the function's role allows. Other callers may do anything.
func (c *Cloud) observe(call wire.Call) wire.Verdict {
	c.mu.Lock()
	c.calls = append(c.calls, call.Name())
	hook := c.hook
	c.mu.Unlock()
	var used []iam.Right
	if c.policies.Knows(call.AccessKey) {
		var verdict wire.Verdict
		if used, verdict = c.policies.Judge(call); !verdict.Passes() {
			return verdict
		}
	}
	verdict := wire.Pass()
	if hook != nil {
		verdict = hook(call)
	}
	if verdict.Passes() && c.faults != nil {
		verdict = c.faults.Hook(call)
	}
	if verdict.Passes() {
		exercised.note(used)
	}
	return verdict
}
