package cloudtest

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/host"
	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/kms"
	"keepsake/infra/cloud/tables"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

const patience = 30 * time.Second

// Option changes the cloud that Start starts.
type Option func(*Cloud)

// WithStreams makes the tables write their streams. Without it they do not: the engine reads all
// records of a stream to number the next one, so that after a thousand writes each further write is
// some tenths of a millisecond slower.
func WithStreams(c *Cloud) { c.streams = true }

// Calm makes DynamoDB behave better than AWS promises: every read is up to date, batches are performed
// whole, all rows of a transaction appear at once.
func Calm(c *Cloud) { c.calm = true }

// WithFaults makes calls fail at random, as they do on AWS: lost answers, requests that come late and
// twice, conflicts, throttling. The seed decides which fail. StopFaults stops them. If the seed is 0,
// HOSTILE_SEED counts or, without that, a random seed; the log of a failed test has it.
func WithFaults(seed uint64) Option {
	return func(c *Cloud) { c.seed, c.failing = seed, true }
}

// Start starts a cloud that ends with the test. If the engine is not installed, the test fails: tests
// install nothing.
func Start(t testing.TB, options ...Option) *Cloud {
	t.Helper()
	root, tmpl, err := readTemplate()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	policies, err := iam.New(tmpl)
	if err != nil {
		t.Fatal(err)
	}
	c := &Cloud{t: t, root: root, template: tmpl, policies: policies, calm: os.Getenv("HOSTILE") == "off"}
	for _, option := range options {
		option(c)
	}
	t.Cleanup(c.stopEngines)
	if c.engine, err = c.startEngine(ctx); err != nil {
		t.Fatal(err)
	}
	keys := httptest.NewServer(kms.New(freshKeys(tmpl)...))
	t.Cleanup(keys.Close)

	c.proxy = wire.New(c.engine.URL(), keys.URL, c.observe)
	c.beHostile()
	front := httptest.NewServer(c.proxy)
	t.Cleanup(func() {
		front.CloseClientConnections() // ends calls that hang
		front.Close()
	})
	c.url = front.URL
	if !c.streams {
		tmpl.Tables = withoutStreams(tmpl.Tables)
	}
	if err := tables.Create(ctx, dynamodb.NewFromConfig(c.Config()), tmpl); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = nil
	if c.faults != nil {
		c.faults.Start()
	}
	return c
}

func errNoEngine(err error) error { return fmt.Errorf("run `make engine` first: %w", err) }

func freshKeys(t *template.Template) []kms.Key {
	keys := make([]kms.Key, 0, len(t.Keys))
	for _, key := range t.Keys {
		keys = append(keys, kms.Key{ARN: key.ARN, MAC: key.MAC, Secret: kms.NewSecret()})
	}
	return keys
}

// readTemplate reads the template of the repository that the test belongs to.
func readTemplate() (root string, t *template.Template, err error) {
	if root, err = host.FindUp("go.mod"); err != nil {
		return "", nil, err
	}
	t, err = template.Read(filepath.Join(root, "template.yaml"))
	return root, t, err
}
