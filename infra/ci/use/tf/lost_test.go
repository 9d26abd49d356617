package terraform

import (
	"fmt"
	"strings"
	"testing"
)

// 0 is a lost response. After 503 a write may have been done, as here.
var spoilt = []int{0, 429, 503}

func TestACreateThatIsAskedAgainMakesOneSecret(t *testing.T) {
	t.Parallel()
	for _, status := range spoilt {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			_, wire, c := onWire(t, "first", "provider.tf", "secret.tf", "value.tf")
			wire.spoilNext("POST /secrets", status)
			c.apply()
			if made := wire.made(t); c.secret() != made {
				t.Errorf("the response was about %s, and the state has %s", made, c.secret())
			}
			sent := wire.sent("POST", "/secrets")
			if len(sent) != 2 || sent[0] != sent[1] || sent[0].key == "" {
				t.Errorf("not the same request twice, with a key: %+v", sent)
			}
			c.settled()
		})
	}
}

func TestANewVersionThatIsAskedAgainIsMadeOnce(t *testing.T) {
	t.Parallel()
	for _, status := range spoilt {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			w, wire, c := onWire(t, "first", "provider.tf", "secret.tf", "value.tf")
			wire.spoilNext("POST /versions", status)
			c.apply()
			if made := wire.made(t); !strings.HasSuffix(made, "_2") || w.get(c.secret()).VersionCount != 2 {
				t.Errorf("the response was about %s, and there are %d versions", made, w.get(c.secret()).VersionCount)
			}
			w.expectValue(c.secret(), "latest", "first")
		})
	}
}

// The page warns of it.
func TestALostCreateWithoutAKeyMakesTwoSecrets(t *testing.T) {
	t.Parallel()
	w, wire, c := onWire(t, "", "provider.tf", "secret.tf")
	c.write("secret.tf", change(t, block(t, "secret.tf"), "  create_header = { Idempotency-Key = terraform_data.db_password.id }\n", ""))
	wire.spoilNext("POST /secrets", 0)
	c.apply()
	if made := wire.made(t); c.secret() == made || w.get(made).State != "active" {
		t.Errorf("the page says that %s is there, and unknown to Terraform", made)
	}
}

func TestALostStateFindsTheSecretAgain(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	c := configure(t, w.owner("first"), "provider.tf", "secret.tf", "value.tf")
	c.apply()
	id := c.secret()
	c.does("state", "rm", "restful_resource.db_password", "restful_operation.db_password")
	c.apply()
	if got := c.secret(); got != id || w.get(id).VersionCount != 2 {
		t.Errorf("the state has %s with %d versions, not %s with 2", got, w.get(id).VersionCount, id)
	}
}
