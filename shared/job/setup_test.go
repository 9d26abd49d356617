package job_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest"
	"keepsake/shared/boot"
	"keepsake/shared/boot/keys"
	"keepsake/shared/envelope"
	"keepsake/shared/job"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

const workspace = "ws_test"

// bench is validate-credentials as its function's main builds it, with its own cloud and a provider
// that the test plays. Time stands still until a test moves it. The test itself writes and reads
// tables as their owner.
type bench struct {
	t          *testing.T
	cloud      *cloudtest.Cloud
	db         *dynamodb.Client
	secrets    *store.Store
	sealer     envelope.Sealer
	acting     actors
	job        job.Handler
	now        time.Time // our clock
	log        lockedBuffer
	serverDate func() string // the Date of DynamoDB's responses; empty: none

	mu     sync.Mutex
	asked  []string                                 // the tokens that the provider has seen
	answer func(token string) (bool, string, error) // what it says
}

func start(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, cloud: cloudtest.Start(t), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	b.serverDate = func() string { return b.now.Format(http.TimeFormat) }
	b.db = dynamodb.NewFromConfig(b.cloud.Config())
	b.cloud.Setenv("validate-credentials")
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", b.front(b.cloud.URL()))
	owner, creator, validator := boot.Environment(), b.as("create-secret"), b.as("validate-credentials")
	b.secrets, b.sealer = owner.Secrets(), keys.Sealer(creator)
	shift := job.Runner{Now: func() time.Time { return b.now }, Log: slog.New(slog.NewJSONHandler(&b.log, nil))}
	b.job = job.ValidateCredentials(shift, validator.Secrets(), validator.Trail(), keys.Opener(validator), b)
	b.answers(true, "", nil)
	return b
}

// front returns the URL of DynamoDB with a clock that the test sets.
func (b *bench) front(cloud string) string {
	b.t.Helper()
	behind, err := url.Parse(cloud)
	if err != nil {
		b.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	proxy.ModifyResponse = func(answer *http.Response) error {
		answer.Header.Del("Date")
		if date := b.serverDate(); date != "" {
			answer.Header.Set("Date", date)
		}
		return nil
	}
	// A response that the proxy does not get is lost to its client too.
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil // or the server would add its own
		proxy.ServeHTTP(w, r)
	}))
	b.t.Cleanup(server.Close)
	return server.URL
}

// actors holds the environments of functions, each with its own credentials.
type actors struct {
	mu  sync.Mutex
	all map[string]*boot.Env
}

// as returns the environment of a function, which may do only what its role allows.
func (b *bench) as(function string) *boot.Env {
	b.acting.mu.Lock()
	defer b.acting.mu.Unlock()
	if b.acting.all == nil {
		b.acting.all = map[string]*boot.Env{}
	}
	env, there := b.acting.all[function]
	if !there {
		b.t.Setenv("AWS_ACCESS_KEY_ID", lambda.AccessKey(b.cloud.Function(function).Name))
		env = boot.Environment()
		b.t.Setenv("AWS_ACCESS_KEY_ID", "test") // the owner
		b.acting.all[function] = env
	}
	return env
}

// secretsOf returns the table of secrets with a function's rights.
func (b *bench) secretsOf(function string) *store.Store { return b.as(function).Secrets() }

// Validate plays the provider.
func (b *bench) Validate(_ context.Context, value secret.Value) (bool, string, error) {
	token := string(value.Bytes())
	b.mu.Lock()
	b.asked = append(b.asked, token)
	answer := b.answer
	b.mu.Unlock()
	return answer(token)
}

func (b *bench) answers(valid bool, reason string, err error) {
	b.answersBy(func(string) (bool, string, error) { return valid, reason, err })
}

func (b *bench) answersBy(answer func(string) (bool, string, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = answer
}

// run runs the job once, after the index has caught up. It returns the tokens that the provider was asked about.
func (b *bench) run() []string {
	b.t.Helper()
	b.mu.Lock()
	b.asked = nil
	b.mu.Unlock()
	b.cloud.Settle()
	if err := b.job(context.Background(), job.Event{ID: "tick"}); err != nil {
		b.t.Fatal(err)
	}
	return b.asked
}

// store makes a secret of a kind that holds value.
func (b *bench) store(kind secret.Kind, value string) secret.Secret {
	b.t.Helper()
	made := secret.Secret{
		Ref: secret.NewRef(workspace, b.now), Name: "n", Kind: kind, State: secret.Active,
		VersionCount: 1, EnabledVersionCount: 1, CreatedAt: b.now, UpdatedAt: b.now, Etag: secret.FirstEtag,
	}
	if kind.IsCredential() {
		made.Validation = &secret.Validation{State: secret.ValidationUnspecified, ValidatedAt: b.now}
	}
	key, err := b.sealer.NewKey(context.Background(), made.Ref, made.Kind)
	if err != nil {
		b.t.Fatal(err)
	}
	sealed, err := b.sealer.Seal(key, made.Binding(1), secret.Payload{Value: secret.NewValue([]byte(value))})
	if err != nil {
		b.t.Fatal(err)
	}
	if made, err = b.secretsOf("create-secret").CreateSecret(context.Background(), made, sealed, nil, b.stamp("create-secret")); err != nil {
		b.t.Fatal(err)
	}
	return made
}

func (b *bench) stamp(operation string) secret.Stamp {
	return secret.Stamp{Operation: operation, Principal: "tok_x", InvocationID: secret.Sortable(b.now), At: b.now}
}

// clock returns the test's time.
func (b *bench) clock() time.Time { return b.now }

func (b *bench) get(ref secret.Ref) secret.Secret {
	b.t.Helper()
	found, err := b.secrets.GetSecret(context.Background(), ref, b.now)
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}

func (b *bench) remove(found secret.Secret, purgeAt time.Time) secret.Etag {
	b.t.Helper()
	etag, err := b.secretsOf("delete-secret").DeleteSecret(context.Background(), found.Ref, found.Etag, purgeAt, b.stamp("delete-secret"))
	if err != nil {
		b.t.Fatal(err)
	}
	return etag
}

// want checks the validation of a secret's credential.
func (b *bench) want(ref secret.Ref, state secret.ValidationState, reason string) {
	b.t.Helper()
	v := b.get(ref).Validation
	if v == nil || v.State != state || v.Error != reason || !v.ValidatedAt.Equal(b.now) {
		b.t.Errorf("validation %+v, want %s %q at %s", v, state, reason, b.now)
	}
}

// lockedBuffer is a log that many goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Reset deletes what was written.
func (l *lockedBuffer) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}

func (b *bench) runner() job.Runner {
	return job.Runner{Now: func() time.Time { return b.now }, Log: slog.New(slog.NewJSONHandler(&b.log, nil))}
}

// killAfter lets n writes through and loses every request from then on. The result says whether it has
// lost one.
func (b *bench) killAfter(n int) *atomic.Bool {
	var mu sync.Mutex
	var killed atomic.Bool // is read while a lost request may still be under way
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		mu.Lock()
		defer mu.Unlock()
		write := c.Action == "UpdateItem" || c.Action == "BatchWriteItem" || c.Action == "DeleteItem"
		if killed.Load() || write && n == 0 {
			killed.Store(true)
			return wire.LoseRequest()
		}
		if write {
			n--
		}
		return wire.Pass()
	})
	return &killed
}
