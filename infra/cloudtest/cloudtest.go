// Package cloudtest gives a test the laptop cloud's data side for itself: a real DynamoDB engine in
// memory with the template's tables, and KMS with the template's keys, behind a wire that counts
// the calls and injects faults. DynamoDB is as hostile there as AWS allows it to be (see the package
// hostile), unless a test or HOSTILE=off says otherwise.
package cloudtest

import (
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"keepsake/infra/cloud/engine"
	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/stream"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest/hostile"
	"keepsake/infra/template"
)

// Cloud is what one test runs against. Its methods may be called by many goroutines at once.
type Cloud struct {
	t        testing.TB
	root     string // the repository's
	url      string
	template *template.Template
	engine   *engine.Engine
	engines  []*engine.Engine // that one, and the replica once a read has needed it
	proxy    *wire.Proxy
	streams  bool
	calm     bool
	failing  bool
	seed     uint64          // of the hostility; 0 until it is drawn
	hostile  *hostile.Layer  // nil if calm
	faults   *hostile.Faults // nil without WithFaults

	mu    sync.Mutex
	calls []string
	hook  wire.Hook

	policies *iam.Policies
}

// Config is for AWS clients that shall talk to this cloud as its owner, who may do anything. Its
// retries are the SDK's own.
func (c *Cloud) Config() aws.Config { return c.config("test") }

// ConfigOf is for AWS clients that act for a function, and may do what its role allows.
func (c *Cloud) ConfigOf(function string) aws.Config {
	c.t.Helper()
	return c.config(lambda.AccessKey(c.Function(function).Name))
}

func (c *Cloud) config(accessKey string) aws.Config {
	return aws.Config{
		Region:       template.Region,
		Credentials:  credentials.NewStaticCredentialsProvider(accessKey, "test", ""),
		BaseEndpoint: aws.String(c.url),
	}
}

// URL is the endpoint of both DynamoDB and KMS, for programs that read AWS_ENDPOINT_URL_*.
func (c *Cloud) URL() string { return c.url }

// Function returns what the template says of an operation, such as "undelete-secret": its
// environment names the tables and keys. It fails the test if there is no such function.
func (c *Cloud) Function(name string) template.Function {
	c.t.Helper()
	f, ok := c.template.Function(name)
	if !ok {
		c.t.Fatalf("the template has no function %s", name)
	}
	return f
}

// SweepTTL has DynamoDB delete every row whose time to live is over, by this machine's clock.
func (c *Cloud) SweepTTL(t testing.TB) {
	t.Helper()
	if err := c.engine.SweepTTL(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.hostile != nil {
		c.hostile.Forget()
	}
}

// Events returns what the stream of its table would start a function with so far, from the first
// change on: Lambda's events, a batch each. The cloud must have been started WithStreams.
func (c *Cloud) Events(t testing.TB, function string) [][]byte {
	t.Helper()
	events, err := stream.Read(t.Context(), c.engine.URL(), c.Function(function))
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// Calls lists the calls since the last ResetCalls, such as "dynamodb:UpdateItem", in the order of
// their arrival. A retry is another call.
func (c *Cloud) Calls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

// ResetCalls forgets the calls made so far. From then on no batch is carried out in part, for the
// test is about to count: how many calls a request needs is said of a DynamoDB that gets to all of it.
func (c *Cloud) ResetCalls() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = nil
	if c.hostile != nil {
		c.hostile.Whole()
	}
}

// Hook has every call decided by hook from now on; nil lets all pass.
func (c *Cloud) Hook(hook func(wire.Call) wire.Verdict) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hook = hook
}

// observe counts a call before its fate is decided: what a fault eats was asked for all the same. A
// call that a function has signed is held to the function's role; anybody else's may be anything.
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
