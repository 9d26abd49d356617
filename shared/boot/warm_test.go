package boot_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/shared/boot"
	"keepsake/shared/boot/keys"
)

// aws responds to all calls with nothing, and counts the connections that carried them.
type aws struct {
	*httptest.Server
	connections atomic.Int64
}

func newAWS(t *testing.T) *aws {
	t.Helper()
	a := &aws{}
	a.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte("{}"))
	}))
	a.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			a.connections.Add(1)
		}
	}
	a.Start()
	t.Cleanup(a.Close)
	return a
}

// environmentAt returns a function's environment whose AWS is at url.
func environmentAt(t *testing.T, url string) *boot.Env {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
		"AWS_ENDPOINT_URL": url,
		"TOKENS_TABLE":     "tokens", "ORIGIN_KEY": "k", "STACK": "s", "ENCRYPTION_KEY": "e", "FINGERPRINT_KEY": "f",
	} {
		t.Setenv(name, value)
	}
	return boot.Environment()
}

// opensNothing reports whether the first call after a start found a connection open. On one machine a
// response can come while the client still finishes its request: the client then gives the connection
// up. Of ten starts, at least one is slower than that.
func opensNothing(t *testing.T, prepare func(*boot.Env) (call func())) bool {
	t.Helper()
	for range 10 {
		cloud := newAWS(t)
		env := environmentAt(t, cloud.URL)
		call := prepare(env)
		env.WarmUp(time.Minute)
		before := cloud.connections.Load()
		if before == 0 {
			t.Fatal("no connection is open")
		}
		if call(); cloud.connections.Load() == before {
			return true
		}
	}
	return false
}

func TestTheFirstCallFindsTheConnectionToDynamoDBOpen(t *testing.T) {
	found := opensNothing(t, func(env *boot.Env) func() {
		credentials := env.Edge().Credentials
		return func() { _, _ = credentials.Authenticate(t.Context(), "Bearer sk_akua_x", time.Now()) }
	})
	if !found {
		t.Error("the first call opened a connection each time")
	}
}

func TestTheFirstCallFindsTheConnectionToKMSOpen(t *testing.T) {
	found := opensNothing(t, func(env *boot.Env) func() {
		prints := keys.Fingerprinter(env)
		return func() { _, _ = prints.Fingerprint(t.Context(), []byte("request")) }
	})
	if !found {
		t.Error("the first call opened a connection each time")
	}
}

func TestTheRootsOfOtherServicesAreReadWhileAFunctionStarts(t *testing.T) {
	env := environmentAt(t, "http://127.0.0.1:1")
	for name, value := range map[string]string{
		"HCLOUD_URL": "https://x", "JWT_ISSUER": "https://x", "JWT_AUDIENCE": "a", "JWT_JWKS_URL": "https://x/keys",
	} {
		t.Setenv(name, value)
	}
	before := env.Warmers()
	if env.HCloud(); env.Warmers() != before+1 {
		t.Error("not those of a provider")
	}
	before = env.Warmers()
	if env.Edge(); env.Warmers() != before+2 { // and the connection that looks tokens up
		t.Error("not those of an issuer")
	}
}

func TestAFunctionStartsThoughAServiceCannotBeReached(t *testing.T) {
	cloud := newAWS(t)
	cloud.Close()
	env := environmentAt(t, cloud.URL)
	env.Edge()
	keys.Opener(env)
	env.WarmUp(time.Minute) // returns
}

func TestAFunctionStartsOnceItsConnectionsAreOpen(t *testing.T) {
	env := environmentAt(t, "http://127.0.0.1:1")
	synctest.Test(t, func(t *testing.T) {
		open := false
		env.Warm(func(context.Context) {
			time.Sleep(time.Second) // of the bubble's clock: it passes only while all wait
			open = true
		})
		env.WarmUp(time.Minute)
		if !open {
			t.Error("it does not wait")
		}
	})
}

func TestAFunctionWaitsForAServiceThatHangsUpToTheLimit(t *testing.T) {
	env := environmentAt(t, "http://127.0.0.1:1")
	synctest.Test(t, func(t *testing.T) {
		env.Warm(func(ctx context.Context) { <-ctx.Done() })
		before := time.Now()
		env.WarmUp(time.Minute)
		if waited := time.Since(before); waited != time.Minute {
			t.Errorf("it waits for %s", waited)
		}
	})
}

func TestAnEndpointIsTheServicesOwnOrElseTheCommonOneOrElseAWS(t *testing.T) {
	for _, c := range []struct{ common, own, want string }{
		{"http://all", "", "http://all"}, {"http://all", "http://own", "http://own"}, {"", "http://own", "http://own"}, {"", "", ""},
	} {
		environmentAt(t, c.common)
		t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", c.own)
		if c.own == "" { // unset, which the SDK tells apart from empty
			_ = os.Unsetenv("AWS_ENDPOINT_URL_DYNAMODB")
		}
		got := dynamodb.NewFromConfig(boot.Environment().AWS).Options().BaseEndpoint
		if (got == nil) != (c.want == "") || got != nil && *got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestFIPSEndpointsAreUsedIfAskedFor(t *testing.T) {
	environmentAt(t, "")
	for text, want := range map[string]sdk.FIPSEndpointState{"": sdk.FIPSEndpointStateUnset, "true": sdk.FIPSEndpointStateEnabled} {
		t.Setenv("AWS_USE_FIPS_ENDPOINT", text)
		if got := dynamodb.NewFromConfig(boot.Environment().AWS).Options().EndpointOptions.UseFIPSEndpoint; got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestAClientSignsWithWhatLambdaHandsOver(t *testing.T) {
	t.Setenv("AWS_SESSION_TOKEN", "c")
	env := environmentAt(t, "http://all")
	got, err := env.AWS.Credentials.Retrieve(t.Context())
	if err != nil || got.AccessKeyID != "a" || got.SecretAccessKey != "b" || got.SessionToken != "c" {
		t.Errorf("the credentials are of %s, with the session %q: %v", got.AccessKeyID, got.SessionToken, err)
	}
	if o := dynamodb.NewFromConfig(env.AWS).Options(); o.Region != "us-east-1" {
		t.Errorf("the region is %q", o.Region)
	}
}
