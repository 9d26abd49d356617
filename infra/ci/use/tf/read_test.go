package terraform

import (
	"os"
	"strings"
	"testing"
)

func TestAReaderPassesTheValueOn(t *testing.T) {
	t.Parallel()
	w, wire, app := newWorkspace(t), newWire(t), newApp(t)
	w.cli("canary-one", "set", name)
	id := w.named(1)[0]
	c := configure(t, map[string]string{
		"keepsake_url": wire.URL, "keepsake_token": w.newToken("secrets:access"), "app_url": app.URL,
	}, "provider.tf", "read.tf", "app.tf")
	c.apply()
	app.expectPassword(t, "canary-one")
	if sent := wire.sent("POST", ":access"); len(sent) != 2 || !strings.HasSuffix(sent[0].path, "/names/shop%2Fdb%20password/versions/latest:access") {
		t.Errorf("an apply reads twice, the page says, not %+v", sent)
	}
	c.settled()
	if sent := wire.sent("POST", ":access"); len(sent) != 1 {
		t.Errorf("a plan reads once, the page says, not %+v", sent)
	}
	if log := w.cli("", "log", id, "-n", "20"); strings.Count(log, "access") < 3 {
		t.Errorf("three reads, and the trail has %s", log)
	}

	w.cli("canary-two", "set", name)
	c.does("plan", "-out=saved")
	c.does("apply", "saved")
	app.expectPassword(t, "canary-two")
	if found := c.holds("canary"); found != nil {
		t.Errorf("these hold the value: %v", found)
	}
}

func TestTheOwnerReadsTheVersionItHasMade(t *testing.T) {
	t.Parallel()
	w, app := newWorkspace(t), newApp(t)
	c := configure(t, w.owner("canary-one"), "provider.tf", "secret.tf", "value.tf", "read-by-id.tf", "app.tf")
	c.vars["keepsake_token"] = w.newToken("secrets:read secrets:write secrets:access")
	c.vars["app_url"] = app.URL
	c.apply()
	app.expectPassword(t, "canary-one")

	c.vars["db_password"], c.vars["db_password_number"] = "canary-two", "2"
	c.apply()
	app.expectPassword(t, "canary-two")
	c.settled()
	if found := c.holds("canary"); found != nil {
		t.Errorf("these hold the value: %v", found)
	}
}

func TestANameIsLookedUpBeforeTheSameConfigurationHasMadeIt(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("first"), "provider.tf", "secret.tf", "value.tf", "read.tf", "app.tf")
	c.vars["keepsake_token"] = w.newToken("secrets:read secrets:write secrets:access")
	c.vars["app_url"] = os.Getenv("KEEPSAKE_URL") // it is never called
	c.refuses([]string{"Open operation API returns 404"}, "apply", "-auto-approve")
}
