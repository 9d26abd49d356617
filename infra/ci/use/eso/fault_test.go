package eso

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jwt"
	ctrl "sigs.k8s.io/controller-runtime"

	esv1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
	"github.com/external-secrets/external-secrets/pkg/controllers/common"
)

// inFrontOf puts a server between ESO and Keepsake, at the address of the store.
func (c *cluster) inFrontOf(h http.HandlerFunc) {
	c.t.Helper()
	server := httptest.NewServer(h)
	c.t.Cleanup(server.Close)
	store := fetch(c, "keepsake", &esv1.SecretStore{})
	store.Spec.Provider.Webhook.URL = strings.Replace(store.Spec.Provider.Webhook.URL, os.Getenv("KEEPSAKE_URL"), server.URL, 1)
	c.update(store)
}

// The gateway's throttle answers like this. The laptop has no throttle.
func TestWhileTheGatewayThrottlesTheKubernetesSecretStaysEvenUnderDelete(t *testing.T) {
	s := openShop(t, under(esv1.DeletionPolicyDelete))
	before, calls := s.secret("shop"), 0
	s.inFrontOf(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	s.wantErr(s.failed("shop"), "429")
	if calls != 1 {
		t.Errorf("ESO called %d times in one refresh, not once", calls)
	}
	if after := s.secret("shop"); after.ResourceVersion != before.ResourceVersion {
		t.Error("the Kubernetes secret has changed")
	}
}

func TestAnAnswerThatDoesNotComeIsGivenUpAfterTheStoresTimeout(t *testing.T) {
	s := openShop(t, under(esv1.DeletionPolicyDelete))
	store := fetch(s.cluster, "keepsake", &esv1.SecretStore{})
	if store.Spec.Provider.Webhook.Timeout == nil {
		t.Fatal("the page's store has no timeout: without one ESO waits for good")
	}
	store.Spec.Provider.Webhook.Timeout.Duration = 50 * time.Millisecond
	s.update(store)
	s.inFrontOf(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s.wantErr(s.failed("shop"), "Timeout")
	s.want("shop", map[string]string{"password": "horse", "api-key": "one"})
}

// Keepsake's own 503: the issuer of a token is trusted, and its keys cannot be fetched.
func TestA503OfKeepsakesKeepsTheKubernetesSecretEvenUnderDelete(t *testing.T) {
	s := openShop(t, under(esv1.DeletionPolicyDelete))
	issuer := newIssuer(t, os.Getenv("DEAD_ISSUER"))
	s.replaceToken(issuer.token(t, time.Hour))
	s.wantErr(s.failed("shop"), "503")
	s.want("shop", map[string]string{"password": "horse", "api-key": "one"})
}

// An issuer plays a cluster that signs its service accounts' tokens.
type issuer struct {
	name string
	key  jwk.Key
}

func newIssuer(t *testing.T, name string) issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made, err := jwk.FromRaw(key)
	if err != nil {
		t.Fatal(err)
	}
	id := fmt.Sprintf("%x", key.X) // so that a key of an earlier run is not taken for this one
	for field, value := range map[string]any{jwk.KeyIDKey: id[:16], jwk.AlgorithmKey: jwa.ES256} {
		if err := made.Set(field, value); err != nil {
			t.Fatal(err)
		}
	}
	return issuer{name, made}
}

// token is one as a cluster makes it for the page's service account. 0 stands for never expiring.
func (i issuer) token(t *testing.T, life time.Duration) string {
	t.Helper()
	now := time.Now()
	claims := jwt.NewBuilder().Issuer(i.name).Audience([]string{"keepsake"}).Subject("system:serviceaccount:shop:keepsake-reader").IssuedAt(now).NotBefore(now)
	if life > 0 {
		claims = claims.Expiration(now.Add(life))
	}
	made, err := claims.Build()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := jwt.Sign(made, jwt.WithKey(jwa.ES256, i.key))
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

// serve publishes the issuer's keys at its name.
func (i issuer) serve(t *testing.T) {
	t.Helper()
	public, err := i.key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	write := func(w http.ResponseWriter, body any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(body); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		write(w, map[string]any{"issuer": i.name, "jwks_uri": i.name + "/openid/v1/jwks", "id_token_signing_alg_values_supported": []string{"ES256"}})
	})
	mux.HandleFunc("/openid/v1/jwks", func(w http.ResponseWriter, _ *http.Request) {
		write(w, map[string]any{"keys": []any{public}})
	})
	listener, err := net.Listen("tcp", strings.TrimPrefix(i.name, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: mux}} //nolint:gosec // it lives as long as a test
	server.Start()
	t.Cleanup(server.Close)
}

func TestATrustedServiceAccountsTokenInTheKubernetesSecretReadsUnlessItNeverExpires(t *testing.T) {
	s := openShop(t)
	issuer := newIssuer(t, os.Getenv("ISSUER"))
	issuer.serve(t)
	s.replaceToken(issuer.token(t, time.Hour))
	s.password.rotate("battery")
	for tries := 1; ; tries++ { // 503: on a busy machine the fetch of the keys may take too long
		_, err := s.refresh("shop")
		if err == nil {
			break
		}
		if tries == 20 || !strings.Contains(err.Error(), "503") {
			t.Fatal(err)
		}
	}
	s.want("shop", map[string]string{"password": "battery", "api-key": "one"})
	s.replaceToken(issuer.token(t, 0))
	s.wantErr(s.failed("shop"), "401")
}

// The store's type has a place for Kubernetes secrets and one for NTLM, and none for a service account. If a new
// version of ESO has one, the page is out of date.
func TestTheStoreHasNoPlaceForAServiceAccount(t *testing.T) {
	crd := read(t, os.Getenv("ESO")+"/config/crds/bases/external-secrets.io_secretstores.yaml")
	_, webhook, found := strings.Cut(crd, "\n                  webhook:\n")
	webhook, _, ends := strings.Cut(webhook, "\n                  yandexcertificatemanager:\n")
	if !found || !ends || !strings.Contains(webhook, "ntlm:") {
		t.Fatal("the webhook provider is not found in the CRD")
	}
	if strings.Contains(strings.ToLower(webhook), "serviceaccount") {
		t.Error("the webhook provider takes a service account: tell the page's readers")
	}
}

func TestAFailedRefreshIsTriedAgainAfterASecondAndThenEverMoreRarely(t *testing.T) {
	limiter, request := common.BuildRateLimiter(), ctrl.Request{}
	var waits []string
	for range 11 {
		waits = append(waits, fmt.Sprint(limiter.When(request)))
	}
	if got := strings.Join(waits, " "); got != "1s 2s 4s 8s 16s 32s 1m4s 2m8s 4m16s 7m0s 7m0s" {
		t.Error(got)
	}
}
