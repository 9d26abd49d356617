package terraform

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestAValueIsInNoStatePlanOrOutput(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("canary-one"), "provider.tf", "secret.tf", "value.tf")
	c.apply()
	w.expectValue(c.secret(), "latest", "canary-one")
	c.settled()

	c.vars["db_password"], c.vars["db_password_number"] = "canary-two", "2"
	c.does("plan", "-out=saved")
	c.does("show", "-json", "saved")
	c.does("apply", "saved")
	w.expectValue(c.secret(), "latest", "canary-two")
	c.does("show", "-json")

	for _, text := range []string{"canary", c.vars["keepsake_token"]} {
		if found := c.holds(text); found != nil {
			t.Errorf("these hold %.6s…: %v", text, found)
		}
	}
	// The search does find what is there.
	if found := c.holds("shop/db password"); !slices.Contains(found, "terraform.tfstate") || !slices.Contains(found, "saved/tfplan") {
		t.Errorf("only these hold the secret's name: %v", found)
	}
	if private := c.state("restful_operation.db_password").Private; strings.Contains(decoded(t, private), "canary") {
		t.Errorf("the private state holds the value: %s", private)
	}
}

// decoded returns what the provider keeps about ephemeral_body in its private state.
func decoded(t *testing.T, private []byte) string {
	t.Helper()
	var kept struct {
		Body []byte `json:"ephemeral_body"`
	}
	if err := json.Unmarshal(private, &kept); err != nil {
		t.Fatal(err)
	}
	return string(kept.Body)
}

// The page warns of it. If the provider has changed, the page can say so.
func TestTheStateHoldsAHashThatAWeakValueCanBeGuessedFrom(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("summer2026"), "provider.tf", "secret.tf", "value.tf")
	c.apply()
	hash := sha256.Sum256([]byte(`{"value":"summer2026"}`))
	kept := decoded(t, c.state("restful_operation.db_password").Private)
	if !strings.Contains(kept, base64.StdEncoding.EncodeToString(hash[:])) {
		t.Errorf("the private state does not hold the hash, as the page says: %s", kept)
	}
}

// The page warns of it. If the provider has changed, the page can say so.
func TestADebugLogHoldsTokenAndValue(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("canary-one"), "provider.tf", "secret.tf", "value.tf")
	c.vars["TF_LOG"] = "DEBUG"
	c.apply()
	for _, text := range []string{"canary-one", c.vars["keepsake_token"]} {
		if found := c.holds(text); !slices.Equal(found, []string{"output"}) {
			t.Errorf("not only the log holds %.6s…, as the page says: %v", text, found)
		}
	}
}

func TestANewValueIsANewVersion(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("first"), "provider.tf", "secret.tf", "value.tf")
	c.apply()
	id := c.secret()
	c.vars["db_password"], c.vars["db_password_number"] = "second", "2"
	c.apply()
	if got := c.secret(); got != id {
		t.Errorf("the secret is %s, and was %s", got, id)
	}
	w.expectValue(id, "latest", "second")
	w.expectValue(id, "secv_"+strings.TrimPrefix(id, "sec_")+"_2", "first")
	w.expectValue(id, "secv_"+strings.TrimPrefix(id, "sec_")+"_1", "Terraform has not set the value yet")
	c.settled()

	c.vars["db_password_number"] = "3"
	c.apply()
	w.expectValue(id, "latest", "second")
	if count := w.get(id).VersionCount; count != 4 {
		t.Errorf("%d versions, not 4: the number alone makes a version", count)
	}
}

func TestANewValueWithoutANewNumberIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("first"), "provider.tf", "secret.tf", "value.tf")
	c.apply()
	c.vars["db_password"] = "second"
	c.refuses([]string{"Operation API returns 409", "IDEMPOTENCY_KEY_REUSED"}, "apply", "-auto-approve")
	w.expectValue(c.secret(), "latest", "first")

	c.vars["db_password_number"] = "2"
	c.apply()
	w.expectValue(c.secret(), "latest", "second")
}

func TestTerraformKeepsASecretWhoseValuesOthersSet(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner(""), "provider.tf", "secret.tf")
	c.apply()
	w.named(1)
	w.cli("canary-one", "set", name)
	c.settled()

	text := block(t, "secret.tf")
	c.write("secret.tf", change(t, text, "The shop's login to its database", "The login"))
	c.apply()
	c.settled()
	w.expectValue(c.secret(), "latest", "canary-one")
	if s := w.get(c.secret()); s.Description != "The login" {
		t.Errorf("the description is %q", s.Description)
	}
	if found := c.holds("canary"); found != nil {
		t.Errorf("these hold the value: %v", found)
	}
}

func TestTheValueInTheSecretsOwnBodyCannotBeChangedNorAnythingElseTwice(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("first"), "provider.tf", "do-not.tf")
	c.write("variables.tf", "variable \"db_password\" {\n ephemeral = true\n}\nvariable \"description\" {}\n")
	c.vars["description"] = "one"
	c.apply()
	c.settled()

	refusal := []string{"Update API returns 400", `"path":["body","value"]`}
	c.vars["db_password"] = "second"
	c.refuses(refusal, "apply", "-auto-approve")

	c.vars["db_password"], c.vars["description"] = "first", "two"
	c.apply()
	if out, code := c.run("plan", "-detailed-exitcode"); code != 2 {
		t.Errorf("nothing was changed, and the plan is empty: the page says otherwise: %s", out)
	}
	c.refuses(refusal, "apply", "-auto-approve")
	w.expectValue(c.secret(), "latest", "first")
}

func TestEachTokenDoesWhatItsScopesSay(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("canary-one"), "provider.tf", "secret.tf", "value.tf")
	c.apply()
	owner, token := w, c.vars["keepsake_token"]
	owner.token = token
	if value, status := owner.value(c.secret(), "latest"); status != http.StatusForbidden || value != "" {
		t.Errorf("the token that sets values reads one: %d", status)
	}
	c.vars["keepsake_token"] = w.newToken("secrets:read")
	c.settled()
	c.vars["db_password"], c.vars["db_password_number"] = "canary-two", "2"
	c.refuses([]string{"Operation API returns 403"}, "apply", "-auto-approve")
	c.does("plan", "-out=saved")

	c.vars["keepsake_token"] = token
	c.does("apply", "saved")
	w.expectValue(c.secret(), "latest", "canary-two")
}
