package boot_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/shared/boot"
	"keepsake/shared/boot/keys"
)

// aws answers all calls with nothing, and counts the connections that it was called by.
type aws struct {
	*httptest.Server
	connections atomic.Int64
}

func newAWS(t *testing.T) *aws {
	t.Helper()
	a := &aws{}
	a.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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

// environmentAt is a function's environment whose AWS is at url.
func environmentAt(t *testing.T, url string) *boot.Env {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
		"AWS_ENDPOINT_URL": url, "AWS_ENDPOINT_URL_DYNAMODB": "", "AWS_ENDPOINT_URL_KMS": "",
		"TOKENS_TABLE": "tokens", "ORIGIN_KEY": "k", "STACK": "s", "ENCRYPTION_KEY": "e", "FINGERPRINT_KEY": "f",
	} {
		t.Setenv(name, value)
	}
	return boot.Environment()
}

func TestTheFirstCallFindsTheConnectionToDynamoDBOpen(t *testing.T) {
	cloud := newAWS(t)
	env := environmentAt(t, cloud.URL)
	edge := env.Edge()
	env.WarmUp(time.Minute)
	before := cloud.connections.Load()
	if before != 1 {
		t.Fatalf("%d connections are open, want 1", before)
	}
	if _, err := edge.Credentials.Authenticate(t.Context(), "Bearer sk_akua_x", time.Now()); err == nil {
		t.Error("a token of nobody is good")
	}
	if after := cloud.connections.Load(); after != before {
		t.Errorf("the first call opened %d more", after-before)
	}
}

func TestEachClientOfKMSFindsAConnectionOpen(t *testing.T) {
	cloud := newAWS(t)
	env := environmentAt(t, cloud.URL)
	keys.Sealer(env)
	keys.Fingerprinter(env)
	env.WarmUp(time.Minute)
	if n := cloud.connections.Load(); n != 2 {
		t.Errorf("%d connections are open, want 2", n)
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

func TestAFunctionWaitsForAServiceThatHangsUpToTheLimit(t *testing.T) {
	ended := false
	env := environmentAt(t, "http://127.0.0.1:1")
	env.Warm(func(ctx context.Context) {
		<-ctx.Done()
		ended = true
	})
	env.WarmUp(time.Millisecond)
	if !ended {
		t.Error("it does not wait at all")
	}
}

func TestAnEndpointIsTheServicesOwnOrElseTheCommonOneOrElseAWS(t *testing.T) {
	for _, c := range []struct{ common, own, want string }{
		{"http://all", "", "http://all"}, {"http://all", "http://own", "http://own"}, {"", "http://own", "http://own"}, {"", "", ""},
	} {
		environmentAt(t, c.common)
		t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", c.own)
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
