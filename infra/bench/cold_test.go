package bench

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloudtest"
	"keepsake/shared/auth"
)

// BenchmarkColdStart starts a function anew for each round, with TLS to DynamoDB and KMS. The processor is
// throttled as Lambda does it: from the first event on. Medians: until the first result, until the
// second, and the processor time of the start and of all of it.
func BenchmarkColdStart(b *testing.B) {
	limit := newThrottle(b)
	w := newWorld(b)
	for _, operation := range []string{"undelete-secret", "access-secret-version", "create-secret"} {
		b.Run(operation, func(b *testing.B) {
			event, want := w.event(b, operation), w.status[operation]
			var first, second, start, all []time.Duration
			for b.Loop() {
				f := w.start(b, operation)
				start = append(start, processorTime(b, f.PID()))
				limit.hold(b, f.PID())
				for i, times := range []*[]time.Duration{&first, &second} {
					time.Sleep(5 * period) // a full share to begin with
					began := time.Now()
					result, err := f.Invoke(event)
					*times = append(*times, time.Since(began))
					if err != nil || !strings.Contains(string(result), want) {
						b.Fatalf("call %d: %v: %s", i+1, err, result)
					}
				}
				all = append(all, processorTime(b, f.PID()))
				f.Kill()
			}
			report(b, "first-ms", first)
			report(b, "second-ms", second)
			report(b, "start-cpu-ms", start)
			report(b, "cpu-ms", all)
			b.ReportMetric(0, "ns/op") // the pauses are in it
		})
	}
}

func report(b *testing.B, unit string, times []time.Duration) {
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, unit)
}

// world is what the functions run against: an AWS that speaks TLS, with one secret.
type world struct {
	cloud                                 *cloudtest.Cloud
	url, certificate, binaries, token, id string
	status                                map[string]string // of each operation's result
}

func newWorld(b *testing.B) *world {
	b.Helper()
	w := &world{
		cloud: cloudtest.Start(b, cloudtest.Calm), binaries: b.TempDir(),
		status: map[string]string{ // the secret is active: there is nothing to undelete
			"undelete-secret": `"statusCode":409`, "access-secret-version": `"statusCode":200`, "create-secret": `"statusCode":201`,
		},
	}
	plain, err := url.Parse(w.cloud.URL())
	if err != nil {
		b.Fatal(err)
	}
	front := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(plain))
	b.Cleanup(front.Close)
	w.url, w.certificate = front.URL, filepath.Join(w.binaries, "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	if err := os.WriteFile(w.certificate, certificate, 0o600); err != nil {
		b.Fatal(err)
	}
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-trimpath", "-ldflags=-s -w", "-o", w.binaries+"/", "./functions/...")
	build.Dir, build.Env = filepath.Join("..", ".."), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	db := dynamodb.NewFromConfig(w.cloud.Config())
	w.token, err = auth.Mint(b.Context(), db, w.cloud.Function("get-secret").Environment["TOKENS_TABLE"], auth.Grant{Workspace: "ws_bench", Scopes: auth.Scopes})
	if err != nil {
		b.Fatal(err)
	}
	w.id = w.create(b)
	return w
}

// create makes the secret.
func (w *world) create(b *testing.B) string {
	b.Helper()
	f := w.start(b, "create-secret")
	defer f.Kill()
	result, err := f.Invoke(w.event(b, "create-secret"))
	if err != nil {
		b.Fatal(err)
	}
	var response struct{ Body string }
	var made struct{ ID string }
	if err := json.Unmarshal(result, &response); err != nil {
		b.Fatal(err)
	}
	if err := json.Unmarshal([]byte(response.Body), &made); err != nil || made.ID == "" {
		b.Fatalf("no secret was made: %s", result)
	}
	return made.ID
}

// event is an operation's sample event about the secret.
func (w *world) event(b *testing.B, operation string) []byte {
	b.Helper()
	sample, err := os.ReadFile(filepath.Join("..", "..", "events", operation+".json"))
	if err != nil {
		b.Fatal(err)
	}
	origin := w.cloud.Function(operation).Environment["ORIGIN_KEY"]
	return []byte(strings.NewReplacer("{{token}}", w.token, "{{origin}}", origin, "{{secret}}", w.id, "{{etag}}", "1").Replace(string(sample)))
}

// start starts a function as Lambda would. What it logs is dropped.
func (w *world) start(b *testing.B, operation string) *lambda.Single {
	b.Helper()
	f := w.cloud.Function(operation)
	environment := []string{"AWS_ENDPOINT_URL=" + w.url, "SSL_CERT_FILE=" + w.certificate}
	for name, value := range f.Environment {
		environment = append(environment, name+"="+value)
	}
	running, err := lambda.Start(lambda.Function{
		Name: operation, Binary: filepath.Join(w.binaries, operation), Timeout: f.Timeout, MemoryMB: f.MemoryMB,
		Environment: environment,
	}, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	return running
}
