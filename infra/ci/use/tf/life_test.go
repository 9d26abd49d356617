package terraform

import (
	"net/http"
	"strings"
	"testing"
)

func TestAChangeSendsOnlyWhatDiffersAndTheEtag(t *testing.T) {
	t.Parallel()
	w, wire, c := onWire(t, "first", "provider.tf", "secret.tf", "value.tf")
	c.apply()
	etag := w.get(c.secret()).Etag
	c.write("secret.tf", change(t, block(t, "secret.tf"), "The shop's login to its database", "The login"))
	c.apply()
	sent := wire.sent("PATCH", c.secret())
	if len(sent) != 1 || sent[0].etag != etag || sent[0].body != `{"description":"The login"}` {
		t.Errorf("with the etag %s Terraform has sent %+v", etag, sent)
	}
	c.settled()

	etag = w.get(c.secret()).Etag
	id := c.secret()
	c.does("destroy", "-auto-approve")
	if sent := wire.sent("DELETE", id); len(sent) != 1 || sent[0].etag != etag {
		t.Errorf("with the etag %s Terraform has sent %+v", etag, sent)
	}
}

func TestAStaleEtagOverwritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("first"), "provider.tf", "secret.tf", "value.tf")
	c.apply()
	id := c.secret()

	c.write("secret.tf", change(t, block(t, "secret.tf"), "The shop's login to its database", "The login"))
	c.does("plan", "-out=saved")
	w.describe(id, "somebody's")
	c.refuses([]string{"Update API returns 409", "ABORTED"}, "apply", "saved")
	if s := w.get(id); s.Description != "somebody's" {
		t.Errorf("the description is %q", s.Description)
	}
	c.apply()
	if s := w.get(id); s.Description != "The login" {
		t.Errorf("planned again, and the description is %q", s.Description)
	}

	c.does("plan", "-destroy", "-out=saved")
	w.describe(id, "somebody's")
	c.refuses([]string{"Delete API returns 409", "ABORTED"}, "apply", "saved")
	if s := w.get(id); s.State != "active" {
		t.Errorf("the secret is %s", s.State)
	}
	w.describe(id, "somebody else's")
	c.refuses([]string{"Delete API returns 409"}, "destroy", "-auto-approve", "-refresh=false")
	c.does("destroy", "-auto-approve")
}

func TestADeleteElsewhereFailsThePlanUntilItIsUndone(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("first"), "provider.tf", "secret.tf", "value.tf")
	c.apply()
	id := c.secret()
	w.named(1)
	w.cli("", "rm", name)
	c.refuses([]string{"Resource postcondition failed", "keepsake restore " + id}, "plan")

	with := block(t, "secret.tf")
	from, to := strings.Index(with, "    postcondition {"), strings.LastIndex(with, "  }\n}")
	c.write("secret.tf", with[:from]+with[to:])
	c.settled() // the trap: without the postcondition Terraform does not see it

	c.write("secret.tf", with)
	w.cli("", "restore", id)
	c.settled()
	w.expectValue(id, "latest", "first")

	w.named(1)
	w.cli("", "rm", name)
	c.does("destroy", "-auto-approve")
}

func TestADestroyIsUndoneByARestoreAndAnImport(t *testing.T) {
	t.Parallel()
	w, wire, c := onWire(t, "first", "provider.tf", "secret.tf", "value.tf")
	c.apply()
	id := c.secret()
	w.named(1)
	c.does("destroy", "-auto-approve")
	if _, status := w.value(id, "latest"); status != http.StatusNotFound {
		t.Errorf("the destroyed secret can be read: %d", status)
	}
	w.named(0)
	if trash := w.cli("", "trash"); !strings.Contains(trash, id) {
		t.Errorf("the trash does not show it: %s", trash)
	}
	w.cli("", "restore", id)
	w.expectValue(id, "latest", "first")

	c.write("import.tf", block(t, "import.tf"))
	c.vars["db_password_id"] = id
	wire.sent("", "")
	c.apply()
	if sent := wire.sent("PATCH", ""); len(sent) != 0 {
		t.Errorf("nothing differs, and Terraform has sent %+v", sent)
	}
	if got := c.secret(); got != id || w.get(id).VersionCount != 3 {
		t.Errorf("the state has %s with %d versions, not %s with 3", got, w.get(id).VersionCount, id)
	}
	c.settled()
}

func TestAnImportOfAForeignSecretLeavesItsValue(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.cli("theirs", "set", name)
	id := w.named(1)[0]
	c := configure(t, w.owner(""), "provider.tf", "secret.tf", "import.tf")
	c.vars["db_password_id"] = id
	c.apply()
	c.settled()
	w.expectValue(id, "latest", "theirs")
	if s := w.get(id); s.Description != "The shop's login to its database" || s.VersionCount != 1 {
		t.Errorf("the secret is %+v", s)
	}
	if found := c.holds("theirs"); found != nil {
		t.Errorf("these hold the value: %v", found)
	}
}

func TestAnApplyAfterADestroyMakesASecondSecret(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("first"), "provider.tf", "secret.tf", "value.tf")
	c.apply()
	id := c.secret()
	c.does("destroy", "-auto-approve")
	c.apply()
	if c.secret() == id || w.get(id).State != "soft_deleted" {
		t.Errorf("the state has %s again, which is %s", id, w.get(id).State)
	}
	w.cli("", "restore", id)
	w.named(2)
	w.expectValue(id, "latest", "first")

	reader := configure(t, map[string]string{
		"keepsake_url": c.vars["keepsake_url"], "keepsake_token": w.newToken("secrets:access"), "app_url": c.vars["keepsake_url"],
	}, "provider.tf", "read.tf", "app.tf")
	reader.refuses([]string{"Open operation API returns 409", id, c.secret()}, "plan")
}
