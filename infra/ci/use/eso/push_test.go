package eso

import (
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	esv1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
	esv1alpha1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1alpha1"
)

// A pusher is a cluster with the page's PushSecret, the Kubernetes secret that it pushes, and the secret it goes to.
type pusher struct {
	*cluster
	signing *secret
}

const signing = "shop-signing"

func newPusher(t *testing.T, change ...func(*esv1alpha1.PushSecret)) pusher {
	t.Helper()
	p := pusher{newCluster(t), keep(t, "shop/signing", "first")}
	p.keepToken("keepsake-push-token", namespace, os.Getenv("PUSH_TOKEN"))
	p.apply("SecretStore/keepsake-push")
	p.make(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: signing, Namespace: namespace}, Data: map[string][]byte{"key": []byte("pushed <\"quoted\"> &\nvalue")}})
	ps := on[*esv1alpha1.PushSecret](t, "PushSecret/shop-signing")
	ps.Spec.Data[0].Match.RemoteRef.RemoteKey = p.signing.id
	for _, f := range change {
		f(ps)
	}
	p.make(ps)
	return p
}

func hourly(ps *esv1alpha1.PushSecret) {
	ps.Spec.RefreshInterval = &metav1.Duration{Duration: time.Hour}
}

// push lets ESO push as if two days had passed.
func (p pusher) push() error {
	p.t.Helper()
	ps := fetch(p.cluster, signing, &esv1alpha1.PushSecret{})
	if !ps.Status.RefreshTime.IsZero() {
		ps.Status.RefreshTime = metav1.NewTime(time.Now().Add(-48 * time.Hour))
		if err := p.Status().Update(p.t.Context(), ps); err != nil {
			p.t.Fatal(err)
		}
	}
	_, err := p.run(p.pushes, signing)
	return err
}

func (p pusher) pushed() {
	p.t.Helper()
	if err := p.push(); err != nil {
		p.t.Fatal(err)
	}
}

func (p pusher) wantVersions(count int) {
	p.t.Helper()
	if got := p.signing.versions(); got != count {
		p.t.Errorf("the secret has %d versions, not %d", got, count)
	}
}

func (p pusher) wantLatest(value string) {
	p.t.Helper()
	if got := call(p.t, "POST /secrets/"+p.signing.id+"/versions/latest:access", "")["value"]; got != value {
		p.t.Errorf("the newest value is %q, not %q", got, value)
	}
}

func TestThePagesPushAddsOneVersionAndNoMore(t *testing.T) {
	p := newPusher(t)
	p.pushed()
	p.wantVersions(2)
	p.wantLatest("pushed <\"quoted\"> &\nvalue")
	p.pushed()
	p.wantVersions(2)
}

func TestThePagesPushMissesAChangeUntilThePushSecretIsTouched(t *testing.T) {
	p := newPusher(t)
	p.pushed()
	local := p.secret(signing)
	local.Data["key"] = []byte("second")
	p.update(local)
	p.pushed()
	p.wantVersions(2)

	ps := fetch(p.cluster, signing, &esv1alpha1.PushSecret{})
	ps.Annotations = map[string]string{"pushed": "again"}
	p.update(ps)
	p.pushed()
	p.wantVersions(3)
	p.wantLatest("second")
}

func TestAPushWithAnIntervalAddsAVersionEachTimeThoughNothingChanged(t *testing.T) {
	p := newPusher(t, hourly)
	for range 3 {
		p.pushed()
	}
	p.wantVersions(4)
}

func TestIfNotExistsFailsAndPushesNothing(t *testing.T) {
	p := newPusher(t, hourly, func(ps *esv1alpha1.PushSecret) { ps.Spec.UpdatePolicy = esv1alpha1.PushSecretUpdatePolicyIfNotExists })
	if err := p.push(); err == nil {
		t.Error("the push did not fail")
	}
	p.wantVersions(1)
}

func TestAPushSecretThatShallDeleteCannotBeDeletedItself(t *testing.T) {
	p := newPusher(t, func(ps *esv1alpha1.PushSecret) { ps.Spec.DeletionPolicy = esv1alpha1.PushSecretDeletionPolicyDelete })
	p.pushed() // sets the finalizer
	p.pushed()
	if err := p.Delete(t.Context(), fetch(p.cluster, signing, &esv1alpha1.PushSecret{})); err != nil {
		t.Fatal(err)
	}
	if err := p.push(); err == nil {
		t.Error("its delete did not fail")
	}
	if ps := fetch(p.cluster, signing, &esv1alpha1.PushSecret{}); len(ps.Finalizers) == 0 {
		t.Error("the finalizer is gone")
	}
	if state := p.signing.get()["state"]; state != "active" {
		t.Error("the secret in Keepsake is ", state)
	}
}

func TestAPushToADeletedSecretIsRefusedAndKeepsNothing(t *testing.T) {
	p := newPusher(t)
	p.signing.delete()
	if err := p.push(); err == nil {
		t.Error("a push to a deleted secret is taken for one that worked")
	}
	p.signing.undelete()
	p.wantVersions(1)
}

func TestAnIdempotencyKeyMadeOfTheValueLosesAChangeBack(t *testing.T) {
	p := newPusher(t, hourly)
	store := fetch(p.cluster, "keepsake-push", &esv1.SecretStore{})
	store.Spec.Provider.Webhook.Headers["Idempotency-Key"] = "{{ index .remoteRef .remoteRef.remoteKey | sha256sum }}"
	p.update(store)
	a, b := "A of "+p.signing.id, "B of "+p.signing.id // the keys of an earlier run are another secret's
	for _, value := range []string{a, b, a} {
		local := p.secret(signing)
		local.Data["key"] = []byte(value)
		p.update(local)
		p.pushed()
	}
	p.wantVersions(3)
	p.wantLatest(b)
}

func TestThePagesPushTokenCannotRead(t *testing.T) {
	p := newPusher(t)
	p.replaceToken(os.Getenv("PUSH_TOKEN"))
	p.signing.patch(map[string]any{"name": "shop/db-login"})
	p.apply("ExternalSecret/shop-login")
	p.wantErr(p.failed("shop-login"), "403")
}
