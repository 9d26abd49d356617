package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// validated is the promise that needs a schedule.
const validated = "a stored credential is validated by the schedule"

// ticking starts the scheduled function when a credential is created, so that the test does not wait for
// the minute.
func ticking(t *testing.T, l *laptop) spoiler {
	return reword(onCreate, func(text string) string {
		if strings.Contains(text, "cloud_provider/hcloud") {
			if out, err := l.command(t.Context(), "local", []string{"invoke", "validate-credentials"}, nil).CombinedOutput(); err != nil {
				t.Errorf("validate-credentials: %v: %s", err, out)
			}
		}
		return text
	})
}

// retemplated replaces a text of the template that must occur exactly once.
func (c *checkout) retemplated(old, new string) *checkout {
	c.t.Helper()
	text := c.read(templatePath)
	if strings.Count(text, old) != 1 {
		c.t.Fatalf("the template has %q %d times", old, strings.Count(text, old))
	}
	if err := os.Remove(c.path(templatePath)); err != nil { // a link to the real one
		c.t.Fatal(err)
	}
	if err := os.WriteFile(c.path(templatePath), []byte(strings.Replace(text, old, new, 1)), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return c
}

func TestACredentialThatTheScheduleHasLookedAtPassesTheSmokeTest(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	got := l.smoke(t, inFront(t, l, ticking(t, l)), l.token, "SCHEDULE_WAIT=30s")
	got.wantFailed()
	if !slices.Contains(got.promises("ok"), validated) {
		t.Errorf("it printed %s", got.printed)
	}
	l.wantEmpty(t, l.token)
}

func TestAScheduleThatDoesNotTickFailsItsCheckAndNoOther(t *testing.T) {
	t.Parallel()
	const name = "Name: !Sub ${AWS::StackName}-validate-credentials\n            ScheduleExpression: "
	l := newCheckout(t).retemplated(name+"rate(1 minute)", name+"rate(1 hour)").start()
	l.smoke(t, l.base, l.token, "SCHEDULE_WAIT=1s").wantFailed(validated)
	l.wantEmpty(t, l.token)
}

// The key's policy does not name the function's role, so its attempt is not a verdict on the credential.
func TestAScheduleWhoseFunctionMayNotDecryptFailsItsCheckAndNoOther(t *testing.T) {
	t.Parallel()
	const role = "                  - !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}-${AWS::Region}-validate-credentials\n"
	l := newCheckout(t).retemplated(role, "").start()
	l.smoke(t, inFront(t, l, ticking(t, l)), l.token, "SCHEDULE_WAIT=2s").wantFailed(validated)
	l.wantEmpty(t, l.token)
}
