package eso

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"

	esv1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
)

// A shop is a cluster with the page's ExternalSecret "shop", and the two secrets that it reads.
type shop struct {
	*cluster
	password, apiKey *secret
}

// openShop syncs the page's ExternalSecret. A test may change it first.
func openShop(t *testing.T, change ...func(*esv1.ExternalSecret)) shop {
	t.Helper()
	s := shop{newCluster(t), keep(t, "shop/db-password", "horse"), keep(t, "shop/api-key", "one")}
	s.apiKey.rotate("two")
	s.apiKey.patch(map[string]any{"version_aliases": map[string]int{"live": 1}})
	es := on[*esv1.ExternalSecret](t, "ExternalSecret/shop")
	for _, f := range change {
		f(es)
	}
	s.make(es)
	s.synced("shop")
	return s
}

// only leaves one of the two values in the ExternalSecret, and changes it.
func only(i int, change func(*esv1.ExternalSecretDataRemoteRef)) func(*esv1.ExternalSecret) {
	return func(es *esv1.ExternalSecret) {
		es.Spec.Data = es.Spec.Data[i : i+1]
		change(&es.Spec.Data[0].RemoteRef)
	}
}

func asItIs(*esv1.ExternalSecretDataRemoteRef) {}

func TestTheNewestVersionAndAnAliasAreInTheKubernetesSecret(t *testing.T) {
	s := openShop(t)
	s.want("shop", map[string]string{"password": "horse", "api-key": "one"})
	s.password.rotate("battery")
	s.apiKey.patch(map[string]any{"version_aliases": map[string]int{"live": 2}})
	if after := s.synced("shop").RequeueAfter; after <= 0 || after > s.external("shop").Spec.RefreshInterval.Duration {
		t.Error("the next refresh is after ", after)
	}
	s.want("shop", map[string]string{"password": "battery", "api-key": "two"})
}

func TestBeforeARefreshIsDueNothingIsReadUnlessTheExternalSecretIsTouched(t *testing.T) {
	s := openShop(t)
	s.password.rotate("battery")
	reconcile := func() {
		if _, err := s.run(s.secrets, "shop"); err != nil {
			t.Fatal(err)
		}
	}
	reconcile()
	s.want("shop", map[string]string{"password": "horse", "api-key": "one"})
	es := s.external("shop")
	es.Annotations = map[string]string{"read": "now"}
	s.update(es)
	reconcile()
	s.want("shop", map[string]string{"password": "battery", "api-key": "one"})
}

func TestTheStoreByIDReadsByIDAndByTheIDOfAVersion(t *testing.T) {
	s := shop{newCluster(t), keep(t, "shop/db-password", "horse"), nil}
	s.password.rotate("battery")
	es := on[*esv1.ExternalSecret](t, "ExternalSecret/shop")
	es.Spec.SecretStoreRef.Name = "keepsake-by-id"
	es.Spec.Data[0].RemoteRef = esv1.ExternalSecretDataRemoteRef{Key: s.password.id}
	es.Spec.Data[1].RemoteRef = esv1.ExternalSecretDataRemoteRef{Key: s.password.id, Version: s.password.version(1)}
	s.make(es)
	s.synced("shop")
	s.want("shop", map[string]string{"password": "battery", "api-key": "horse"})
}

func TestTheClusterStoreServesItsNamespacesAndNoOther(t *testing.T) {
	c := newCluster(t)
	c.keepToken("keepsake-token", "external-secrets", os.Getenv("READ_TOKEN"))
	c.apply("ClusterSecretStore/keepsake")
	keep(t, "shop/db-password", "horse")
	es := on[*esv1.ExternalSecret](t, "ExternalSecret/shop")
	only(0, asItIs)(es)
	es.Spec.SecretStoreRef.Kind = esv1.ClusterSecretStoreKind
	stranger := es.DeepCopy()
	c.make(es)
	c.makeNamespace(namespace)
	c.synced("shop")
	c.want("shop", map[string]string{"password": "horse"})

	stranger.Namespace = "playground"
	c.make(stranger)
	c.makeNamespace("playground")
	_, err := c.secrets.Reconcile(t.Context(), ctrl.Request{NamespacedName: types.NamespacedName{Namespace: "playground", Name: "shop"}})
	if err == nil || !strings.Contains(err.Error(), "denied by spec.condition") {
		t.Error("a namespace that the store does not name is not refused: ", err)
	}
}

func TestEachFieldOfAJSONValueBecomesAKey(t *testing.T) {
	c := newCluster(t)
	keep(t, "shop/db-login", `{"user":"app","password":"correct <horse> & \"battery\"","port":5432,"account":12345678901234567890}`)
	c.apply("ExternalSecret/shop-login")
	c.synced("shop-login")
	c.want("shop-login", map[string]string{"user": "app", "password": `correct <horse> & "battery"`, "port": "5432", "account": "12345678901234567000"})
}

func TestAPropertyIsIgnoredAndTheWholeValueComes(t *testing.T) {
	whole := `{"user":"app","password":"horse"}`
	c := newCluster(t)
	keep(t, "shop/db-login", whole)
	es := on[*esv1.ExternalSecret](t, "ExternalSecret/shop")
	only(0, func(ref *esv1.ExternalSecretDataRemoteRef) { ref.Key, ref.Property = "shop/db-login", "user" })(es)
	c.make(es)
	c.synced("shop")
	c.want("shop", map[string]string{"password": whole})
}

func TestAValueThatIsNotJSONCannotBeExtracted(t *testing.T) {
	c := newCluster(t)
	keep(t, "shop/db-login", "horse")
	c.apply("ExternalSecret/shop-login")
	c.failed("shop-login")
	c.wantNoSecret("shop-login")
}

var hardNames = []string{"a b", "a+b", "a/b", "100%", "é ü", "a?b#c", "x/versions/latest:access", "{{ .auth.token }}"}

func TestAnyNameIsRead(t *testing.T) {
	for _, name := range hardNames {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			keep(t, name, "value of "+name)
			es := on[*esv1.ExternalSecret](t, "ExternalSecret/shop")
			only(0, func(ref *esv1.ExternalSecretDataRemoteRef) { ref.Key = name })(es)
			c.make(es)
			c.synced("shop")
			c.want("shop", map[string]string{"password": "value of " + name})
		})
	}
}

func TestWithoutTheStoresReplaceANameWithASpaceIsNotFound(t *testing.T) {
	c := newCluster(t)
	keep(t, "a b", "horse")
	store := fetch(c, "keepsake", &esv1.SecretStore{})
	plain := strings.Replace(store.Spec.Provider.Webhook.URL, ` | replace "+" "%20"`, "", 1)
	if plain == store.Spec.Provider.Webhook.URL {
		t.Fatal("the page's store has no replace")
	}
	store.Spec.Provider.Webhook.URL = plain
	c.update(store)
	es := on[*esv1.ExternalSecret](t, "ExternalSecret/shop")
	only(0, func(ref *esv1.ExternalSecretDataRemoteRef) { ref.Key = "a b" })(es)
	c.make(es)
	c.wantErr(c.failed("shop"), "Secret does not exist")
}

func TestFindDoesNotWork(t *testing.T) {
	c := newCluster(t)
	es := on[*esv1.ExternalSecret](t, "ExternalSecret/shop-login")
	es.Spec.DataFrom = []esv1.ExternalSecretDataFromRemoteRef{{Find: &esv1.ExternalSecretFind{Name: &esv1.FindName{RegExp: ".*"}}}}
	c.make(es)
	c.wantErr(c.failed("shop-login"), "not implemented")
	c.wantNoSecret("shop-login")
}

func TestATokenWithoutTheLabelIsNotUsed(t *testing.T) {
	c := newCluster(t)
	keep(t, "shop/db-password", "horse")
	kept := c.secret("keepsake-token")
	kept.Labels = nil
	c.update(kept)
	es := on[*esv1.ExternalSecret](t, "ExternalSecret/shop")
	only(0, asItIs)(es)
	c.make(es)
	c.wantErr(c.failed("shop"), "external-secrets.io/type: webhook")
}

func TestAStoreIsReadyWhateverItsToken(t *testing.T) {
	c := newCluster(t)
	c.replaceToken("sk_akua_revoked")
	c.check(c.stores, fetch(c, "keepsake", &esv1.SecretStore{}))
	conditions := fetch(c, "keepsake", &esv1.SecretStore{}).Status.Conditions
	if len(conditions) != 1 || conditions[0].Type != esv1.SecretStoreReady || conditions[0].Status != corev1.ConditionTrue {
		t.Errorf("%+v", conditions)
	}
}

func TestEachValueIsOneRequestAtEachRefreshWithoutAnEtag(t *testing.T) {
	s := openShop(t)
	var asked []string
	s.inFrontOf(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.EscapedPath()+r.Header.Get("If-None-Match"))
		w.Header().Set("ETag", `"1000000001"`)
		_, _ = w.Write([]byte(`{"value":"horse"}`))
	})
	s.synced("shop")
	s.synced("shop")
	password, apiKey := "POST /v1/names/shop%2Fdb-password/versions/latest:access", "POST /v1/names/shop%2Fapi-key/versions/live:access"
	if want := []string{password, apiKey, password, apiKey}; !slices.Equal(asked, want) {
		t.Errorf("ESO asked %q, not %q", asked, want)
	}
}

func TestALineBreakAfterTheTokenDoesNoHarm(t *testing.T) {
	s := openShop(t)
	s.replaceToken(os.Getenv("READ_TOKEN") + "\n")
	s.synced("shop")
}

func TestAfterATokenIsReplacedTheNextRefreshUsesTheNewOne(t *testing.T) {
	s := openShop(t)
	s.replaceToken("sk_akua_revoked")
	s.password.rotate("battery")
	s.wantErr(s.failed("shop"), "401")
	s.want("shop", map[string]string{"password": "horse", "api-key": "one"})
	s.replaceToken(os.Getenv("READ_TOKEN"))
	s.synced("shop")
	s.want("shop", map[string]string{"password": "battery", "api-key": "one"})
}

func TestThePagesTokenReadsValuesAndNothingElse(t *testing.T) {
	s := keep(t, "shop/db-password", "horse")
	for request, status := range map[string]int{
		"POST /secrets/" + s.id + "/versions/latest:access": http.StatusOK,
		"GET /secrets":                        http.StatusForbidden,
		"GET /secrets/" + s.id:                http.StatusForbidden,
		"GET /trash":                          http.StatusForbidden,
		"DELETE /secrets/" + s.id:             http.StatusForbidden,
		"POST /secrets/" + s.id + "/versions": http.StatusForbidden,
	} {
		method, path, _ := strings.Cut(request, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, os.Getenv("KEEPSAKE_URL")+"/v1"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+os.Getenv("READ_TOKEN"))
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		if got.StatusCode != status {
			t.Errorf("%s with the page's token is %s, not %d", request, got.Status, status)
		}
	}
}
