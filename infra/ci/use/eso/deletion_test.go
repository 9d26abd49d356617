package eso

import (
	"errors"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	esv1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
)

func under(policy esv1.ExternalSecretDeletionPolicy) func(*esv1.ExternalSecret) {
	return func(es *esv1.ExternalSecret) { es.Spec.Target.DeletionPolicy = policy }
}

func (c *cluster) wantErr(err error, words string) {
	c.t.Helper()
	if !strings.Contains(err.Error(), words) {
		c.t.Errorf("the error is %q, without %q", err, words)
	}
}

func TestThePageRetains(t *testing.T) {
	for _, key := range []string{"ExternalSecret/shop", "ExternalSecret/shop-login"} {
		if got := on[*esv1.ExternalSecret](t, key).Spec.Target.DeletionPolicy; got != esv1.DeletionPolicyRetain {
			t.Errorf("%s: %q", key, got)
		}
	}
}

func TestRetainKeepsTheKubernetesSecretOfADeletedSecretAndSaysSo(t *testing.T) {
	s := openShop(t)
	before := s.secret("shop")
	s.password.delete()
	if err := s.failed("shop"); !errors.Is(err, esv1.NoSecretErr) {
		t.Error(err)
	}
	if after := s.secret("shop"); after.UID != before.UID || after.ResourceVersion != before.ResourceVersion {
		t.Error("the Kubernetes secret has changed")
	}
	if s.failed("shop"); s.password.asked() != 2 {
		t.Errorf("the trash shows %v attempts to read, not 2", s.password.asked())
	}

	s.password.undelete()
	s.synced("shop")
	if after := s.secret("shop"); after.UID != before.UID {
		t.Error("the Kubernetes secret is another one after the undelete")
	}
	s.want("shop", map[string]string{"password": "horse", "api-key": "one"})
}

func TestUnderDeleteADeleteInKeepsakeDeletesTheKubernetesSecretAndNothingIsWrong(t *testing.T) {
	s := openShop(t, under(esv1.DeletionPolicyDelete), only(0, asItIs))
	before := s.secret("shop")
	s.password.delete()
	if after := s.synced("shop").RequeueAfter; after <= 0 {
		t.Error("there is no next refresh")
	}
	s.wantNoSecret("shop")
	if got := s.ready("shop"); got.Status != corev1.ConditionTrue || got.Reason != esv1.ConditionReasonSecretDeleted {
		t.Errorf("the condition is %+v", got)
	}

	s.password.undelete()
	s.synced("shop") // at the next refresh, up to refreshInterval later
	if after := s.secret("shop"); after.UID == before.UID {
		t.Error("the Kubernetes secret is the same one after the undelete")
	}
	s.want("shop", map[string]string{"password": "horse"})
}

func TestUnderDeleteOneDeletedSecretOfTwoTakesItsKeyAway(t *testing.T) {
	s := openShop(t, under(esv1.DeletionPolicyDelete))
	s.password.delete()
	s.synced("shop")
	s.want("shop", map[string]string{"api-key": "one"})
	s.password.undelete()
	s.synced("shop")
	s.want("shop", map[string]string{"password": "horse", "api-key": "one"})
}

func TestUnderMergeTheKubernetesSecretStaysWithoutItsKeys(t *testing.T) {
	s := openShop(t, under(esv1.DeletionPolicyMerge), only(0, asItIs))
	s.password.delete()
	s.synced("shop")
	s.want("shop", nil)
}

func TestUnderDeleteARenameDeletesTheKubernetesSecret(t *testing.T) {
	s := openShop(t, under(esv1.DeletionPolicyDelete), only(0, asItIs))
	s.password.patch(map[string]any{"name": "shop/db-password-old"})
	s.synced("shop")
	s.wantNoSecret("shop")
}

func TestUnderDeleteAMistypedPathDeletesTheKubernetesSecret(t *testing.T) {
	s := openShop(t, under(esv1.DeletionPolicyDelete), only(0, asItIs))
	mistype(s)
	s.synced("shop")
	s.wantNoSecret("shop")
}

func mistype(s shop) {
	store := fetch(s.cluster, "keepsake", &esv1.SecretStore{})
	store.Spec.Provider.Webhook.URL = strings.Replace(store.Spec.Provider.Webhook.URL, "/v1/", "/v2/", 1)
	s.update(store)
}

// The other refusals are no 404, so that they take nothing away, even under Delete.
func TestUnderDeleteOtherRefusalsKeepTheKubernetesSecret(t *testing.T) {
	for name, fault := range map[string]struct {
		cause func(shop)
		words string
	}{
		"the version is disabled":  {func(s shop) { s.apiKey.set(1, "disable") }, "409"},
		"the version is destroyed": {func(s shop) { s.apiKey.set(1, "destroy") }, "410"},
		"another one has the name": {func(s shop) { keep(s.t, "shop/api-key", "three") }, "409"},
		"the token is unknown":     {func(s shop) { s.replaceToken("sk_akua_revoked") }, "401"},
		"the token may not read":   {func(s shop) { s.replaceToken(os.Getenv("PUSH_TOKEN")) }, "403"},
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, under(esv1.DeletionPolicyDelete), only(1, asItIs))
			fault.cause(s)
			s.wantErr(s.failed("shop"), fault.words)
			s.want("shop", map[string]string{"api-key": "one"})
		})
	}
}

func TestAVersionThatIsEnabledAgainIsReadAgain(t *testing.T) {
	s := openShop(t)
	s.apiKey.set(1, "disable")
	s.failed("shop")
	s.apiKey.set(1, "enable")
	s.synced("shop")
	s.want("shop", map[string]string{"password": "horse", "api-key": "one"})
}

func TestIfTheNewestVersionIsDisabledTheOneBeforeItComesBack(t *testing.T) {
	s := openShop(t, only(0, asItIs))
	s.password.rotate("battery")
	s.synced("shop")
	s.password.set(2, "disable")
	s.synced("shop")
	s.want("shop", map[string]string{"password": "horse"})
}

// Without an enabled version, latest is a 404.
func TestUnderDeleteDisablingTheOnlyVersionDeletesTheKubernetesSecret(t *testing.T) {
	s := openShop(t, under(esv1.DeletionPolicyDelete), only(0, asItIs))
	s.password.set(1, "disable")
	s.synced("shop")
	s.wantNoSecret("shop")
}

func TestUnderDeleteAnAliasThatIsTakenAwayDeletesTheKubernetesSecret(t *testing.T) {
	s := openShop(t, under(esv1.DeletionPolicyDelete), only(1, asItIs))
	s.apiKey.patch(map[string]any{"version_aliases": map[string]int{}})
	s.synced("shop")
	s.wantNoSecret("shop")
}

func TestUnderRetainNoneOfThemDoesHarm(t *testing.T) {
	for name, cause := range map[string]func(shop){
		"a rename":                 func(s shop) { s.apiKey.patch(map[string]any{"name": "shop/api-key-old"}) },
		"an alias taken away":      func(s shop) { s.apiKey.patch(map[string]any{"version_aliases": map[string]int{}}) },
		"the only version is off":  func(s shop) { s.password.set(1, "disable") },
		"the only version is gone": func(s shop) { s.password.set(1, "destroy") },
		"a mistyped path":          mistype,
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t)
			cause(s)
			if err := s.failed("shop"); !errors.Is(err, esv1.NoSecretErr) {
				t.Error(err)
			}
			s.want("shop", map[string]string{"password": "horse", "api-key": "one"})
		})
	}
}

func TestUnderRetainTheOtherValuesAreNotRefreshedEither(t *testing.T) {
	s := openShop(t)
	s.password.delete()
	s.apiKey.patch(map[string]any{"version_aliases": map[string]int{"live": 2}})
	s.failed("shop")
	s.want("shop", map[string]string{"password": "horse", "api-key": "one"})
	s.password.undelete()
	s.synced("shop")
	s.want("shop", map[string]string{"password": "horse", "api-key": "two"})
}
