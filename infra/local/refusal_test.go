package main

import (
	"fmt"
	"strings"
	"testing"

	"keepsake/infra/envfile"
)

func TestASettingThatMakesNoSenseIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	for _, pair := range []string{
		"PORT=abc", "PORT=99999", "RETENTION=soon", "RETENTION=0s", "FRESH=yes", "DOCKER=yes",
		envfile.DynamoDB + "=localhost", envfile.DynamoDB + "=http://127.0.0.1:1",
	} {
		// If PORT is set twice, the last one counts.
		if line := c.refusal(fmt.Sprint("PORT=", freePort(t)), pair); !strings.HasPrefix(line, pair+": ") {
			t.Errorf("%s: the line is %s", pair, line)
		}
	}
}

func TestATakenPortIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	port := fmt.Sprint(newCheckout(t).start().port)
	if line := newCheckout(t).refusal("PORT=" + port); !strings.HasPrefix(line, "port "+port+" is taken") {
		t.Errorf("the line is %s", line)
	}
}

func TestASecondStackIsRefusedInOneLineAndHarmsNothing(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	l := c.start()
	id, before := l.create(), c.read(envfile.Path)
	line := c.refusal("FRESH=1", fmt.Sprint("PORT=", freePort(t)))
	if !strings.Contains(line, "runs already") {
		t.Errorf("the line is %s", line)
	}
	if c.read(envfile.Path) != before {
		t.Error("the second stack has written its settings over the first one's")
	}
	l.access(id).holds()
}
