package eso

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/meta/testrestmapper"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/record"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	esv1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
	esv1alpha1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1alpha1"
	"github.com/external-secrets/external-secrets/pkg/controllers/externalsecret"
	"github.com/external-secrets/external-secrets/pkg/controllers/externalsecret/esmetrics"
	ctrlmetrics "github.com/external-secrets/external-secrets/pkg/controllers/metrics"
	"github.com/external-secrets/external-secrets/pkg/controllers/pushsecret"
	"github.com/external-secrets/external-secrets/pkg/controllers/pushsecret/psmetrics"
	"github.com/external-secrets/external-secrets/pkg/controllers/secretstore"
	"github.com/external-secrets/external-secrets/pkg/controllers/secretstore/cssmetrics"
	"github.com/external-secrets/external-secrets/pkg/controllers/secretstore/ssmetrics"
)

const namespace = "shop"

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	ctrlmetrics.SetUpLabelNames(false)
	esmetrics.SetUpMetrics()
	psmetrics.SetUpMetrics()
	ssmetrics.SetUpMetrics()
	cssmetrics.SetUpMetrics()
	os.Exit(m.Run())
}

// A cluster is ESO's own reconcilers on controller-runtime's fake of the Kubernetes API. Nothing runs by itself: a
// test calls each reconciler.
type cluster struct {
	t *testing.T
	client.Client
	secrets, pushes, stores, clusterStores reconcile.Reconciler
}

// newCluster has what the page has made before the first ExternalSecret: the token and both stores by name and by id.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, Client: fakeAPI()}
	c.startReconcilers()
	c.keepToken("keepsake-token", namespace, os.Getenv("READ_TOKEN"))
	c.apply("SecretStore/keepsake", "SecretStore/keepsake-by-id")
	return c
}

// fakeAPI gives each new object a UID, by which ESO sees whether a Secret exists.
func fakeAPI() client.Client {
	made := 0
	return fake.NewClientBuilder().WithScheme(scheme).
		WithStatusSubresource(&esv1.ExternalSecret{}, &esv1.SecretStore{}, &esv1.ClusterSecretStore{}, &esv1alpha1.PushSecret{}).
		WithInterceptorFuncs(interceptor.Funcs{Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			made++
			o.SetUID(types.UID(fmt.Sprint("uid-", made)))
			return c.Create(ctx, o, opts...)
		}}).Build()
}

// A manager without a Kubernetes API to write events to.
type manager struct{ ctrl.Manager }

func (manager) GetEventRecorderFor(string) record.EventRecorder { return &record.FakeRecorder{} }

// startReconcilers goes by a manager, because only it can give the reconcilers what records their events.
func (c *cluster) startReconcilers() {
	c.t.Helper()
	// No server is there: a manager that is not started asks nobody.
	nowhere := &rest.Config{Host: "http://127.0.0.1:9"}
	mgr, err := ctrl.NewManager(nowhere, ctrl.Options{
		Scheme:  scheme,
		Metrics: server.Options{BindAddress: "0"},
		MapperProvider: func(*rest.Config, *http.Client) (meta.RESTMapper, error) {
			return testrestmapper.TestOnlyStaticRESTMapper(scheme), nil
		},
		NewClient: func(*rest.Config, client.Options) (client.Client, error) { return c.Client, nil },
	})
	if err != nil {
		c.t.Fatal(err)
	}
	again := true // each test has a cluster, and so reconcilers of the same names
	opts := controller.Options{SkipNameValidation: &again}
	log := logr.Discard()
	secrets := &externalsecret.Reconciler{Client: c, SecretClient: c, Log: log, Scheme: scheme, RequeueInterval: time.Hour, ClusterSecretStoreEnabled: true, EnableFloodGate: true}
	pushes := &pushsecret.Reconciler{Client: c, Log: log, Scheme: scheme, RequeueInterval: time.Hour}
	stores := &secretstore.StoreReconciler{Client: c, Log: log, Scheme: scheme, RequeueInterval: time.Hour}
	clusterStores := &secretstore.ClusterStoreReconciler{Client: c, Log: log, Scheme: scheme, RequeueInterval: time.Hour}
	for _, setUp := range []func(ctrl.Manager, controller.Options) error{secrets.SetupWithManager, pushes.SetupWithManager, stores.SetupWithManager, clusterStores.SetupWithManager} {
		if err := setUp(manager{mgr}, opts); err != nil {
			c.t.Fatal(err)
		}
	}
	c.secrets, c.pushes, c.stores, c.clusterStores = secrets, pushes, stores, clusterStores
}

// keepToken keeps a token as the page says.
func (c *cluster) keepToken(name, namespace, token string) {
	c.t.Helper()
	labels := map[string]string{"external-secrets.io/type": "webhook"}
	c.make(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: labels}, Data: map[string][]byte{"token": []byte(token)}})
}

// replaceToken puts another token into the Secret that the stores read.
func (c *cluster) replaceToken(token string) {
	c.t.Helper()
	kept := c.secret("keepsake-token")
	kept.Data["token"] = []byte(token)
	c.update(kept)
}

func (c *cluster) make(o client.Object) {
	c.t.Helper()
	if err := c.Create(c.t.Context(), o); err != nil {
		c.t.Fatal(err)
	}
}

// makeNamespace makes one with the label that Kubernetes gives each.
func (c *cluster) makeNamespace(name string) {
	c.t.Helper()
	c.make(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelMetadataName: name}}})
}

func (c *cluster) update(o client.Object) {
	c.t.Helper()
	if err := c.Update(c.t.Context(), o); err != nil {
		c.t.Fatal(err)
	}
}

// apply makes objects of the page, by kind/name.
func (c *cluster) apply(keys ...string) {
	c.t.Helper()
	found := manifests(c.t)
	for _, key := range keys {
		if found[key] == nil {
			c.t.Fatal("the page has no ", key)
		}
		c.make(found[key])
		switch found[key].(type) {
		case *esv1.SecretStore:
			c.check(c.stores, found[key])
		case *esv1.ClusterSecretStore:
			c.check(c.clusterStores, found[key])
		}
	}
}

// check lets ESO check a store. Before, it is not ready, and nothing is read by it.
func (c *cluster) check(r reconcile.Reconciler, store client.Object) {
	c.t.Helper()
	if _, err := r.Reconcile(c.t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(store)}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cluster) run(r reconcile.Reconciler, name string) (ctrl.Result, error) {
	return r.Reconcile(c.t.Context(), ctrl.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}})
}

// refresh lets ESO read an ExternalSecret's values as if its refreshInterval had passed.
func (c *cluster) refresh(name string) (ctrl.Result, error) {
	c.t.Helper()
	es := c.external(name)
	if !es.Status.RefreshTime.IsZero() {
		es.Status.RefreshTime = metav1.NewTime(time.Now().Add(-48 * time.Hour))
		if err := c.Status().Update(c.t.Context(), es); err != nil {
			c.t.Fatal(err)
		}
	}
	return c.run(c.secrets, name)
}

// synced is a refresh that must succeed.
func (c *cluster) synced(name string) ctrl.Result {
	c.t.Helper()
	result, err := c.refresh(name)
	if err != nil {
		c.t.Fatal(err)
	}
	if got := c.ready(name); got.Status != corev1.ConditionTrue {
		c.t.Fatalf("%s is not ready: %+v", name, got)
	}
	return result
}

// failed is a refresh that must fail. ESO then tries again, and says in the condition that it is not ready.
func (c *cluster) failed(name string) error {
	c.t.Helper()
	_, err := c.refresh(name)
	if err == nil {
		c.t.Fatal("the refresh did not fail")
	}
	if got := c.ready(name); got.Status != corev1.ConditionFalse || got.Reason != esv1.ConditionReasonSecretSyncedError {
		c.t.Errorf("the refresh failed, and the condition is %+v", got)
	}
	return err
}

func (c *cluster) external(name string) *esv1.ExternalSecret {
	c.t.Helper()
	return fetch(c, name, &esv1.ExternalSecret{})
}

// ready returns an ExternalSecret's condition.
func (c *cluster) ready(name string) esv1.ExternalSecretStatusCondition {
	c.t.Helper()
	for _, condition := range c.external(name).Status.Conditions {
		if condition.Type == esv1.ExternalSecretReady {
			return condition
		}
	}
	return esv1.ExternalSecretStatusCondition{}
}

func (c *cluster) secret(name string) *corev1.Secret {
	c.t.Helper()
	return fetch(c, name, &corev1.Secret{})
}

func fetch[T client.Object](c *cluster, name string, into T) T {
	c.t.Helper()
	if err := c.Get(c.t.Context(), types.NamespacedName{Namespace: namespace, Name: name}, into); err != nil {
		c.t.Fatal(err)
	}
	return into
}

func (c *cluster) wantNoSecret(name string) {
	c.t.Helper()
	err := c.Get(c.t.Context(), types.NamespacedName{Namespace: namespace, Name: name}, &corev1.Secret{})
	if !apierrors.IsNotFound(err) {
		c.t.Errorf("the Kubernetes secret %s is there (%v)", name, err)
	}
}

// want compares a Kubernetes Secret's content. Its values are the tests' own.
func (c *cluster) want(name string, content map[string]string) {
	c.t.Helper()
	got := map[string]string{}
	for key, value := range c.secret(name).Data {
		got[key] = string(value)
	}
	if !maps.Equal(got, content) {
		c.t.Errorf("the Kubernetes secret %s has %q, not %q", name, got, content)
	}
}
