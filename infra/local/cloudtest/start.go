package cloudtest

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/local/engine"
	"keepsake/infra/local/iam"
	"keepsake/infra/local/kms"
	"keepsake/infra/local/tables"
	"keepsake/infra/local/template"
	"keepsake/infra/local/wire"
)

const patience = 30 * time.Second

// Option changes what Start starts.
type Option func(*Cloud)

// WithStreams has the tables write their streams. Without it they do not, whatever the template says:
// the engine looks through all of a stream's records to number the next one, so that a thousand writes
// make each further one some tenths of a millisecond slower.
func WithStreams(c *Cloud) { c.streams = true }

// Start starts a cloud that ends with the test. It fails the test if the engine is not installed:
// tests install nothing.
func Start(t testing.TB, options ...Option) *Cloud {
	t.Helper()
	root, tmpl, err := readTemplate()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := &Cloud{t: t, template: tmpl, account: iam.NewAccount(tmpl)}
	for _, option := range options {
		option(c)
	}
	c.engine = startEngine(ctx, t, filepath.Join(root, ".local", "engine"))
	keys := httptest.NewServer(kms.New(freshKeys(tmpl)...))
	t.Cleanup(keys.Close)

	front := httptest.NewServer(wire.New(c.engine.URL(), keys.URL, c.observe))
	t.Cleanup(func() {
		front.CloseClientConnections() // ends the calls that a test left hanging
		front.Close()
	})
	c.url = front.URL
	if !c.streams {
		for i := range tmpl.Tables {
			tmpl.Tables[i].Stream.View = ""
		}
	}
	if err := tables.Create(ctx, dynamodb.NewFromConfig(c.Config()), tmpl); err != nil {
		t.Fatal(err)
	}
	c.ResetCalls()
	return c
}

func startEngine(ctx context.Context, t testing.TB, dir string) *engine.Engine {
	t.Helper()
	binary, err := engine.Find(dir)
	if err != nil {
		t.Fatalf("run `make engine` first: %v", err)
	}
	e, err := engine.Start(ctx, engine.Config{Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	return e
}

func freshKeys(t *template.Template) []kms.Key {
	keys := make([]kms.Key, 0, len(t.Keys))
	for _, key := range t.Keys {
		keys = append(keys, kms.Key{ARN: key.ARN, MAC: key.MAC, Secret: kms.NewSecret()})
	}
	return keys
}

// readTemplate reads the template of the repository that this process runs in.
func readTemplate() (root string, t *template.Template, err error) {
	if root, err = findRoot(); err != nil {
		return "", nil, err
	}
	t, err = template.Read(filepath.Join(root, "template.yaml"))
	return root, t, err
}

// findRoot walks up from the test's package to the repository's root.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("there is no go.mod above this test")
		}
		dir = filepath.Dir(dir)
	}
}
