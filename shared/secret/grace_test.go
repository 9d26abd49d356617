package secret_test

import (
	"testing"
	"time"

	"keepsake/shared/secret"
)

func TestEveryRetentionOfADeployedStackHasTheWholeGrace(t *testing.T) {
	for retention, want := range map[time.Duration]time.Duration{
		365 * 24 * time.Hour: 2 * time.Minute,
		24 * time.Hour:       2 * time.Minute,
		20 * time.Minute:     2 * time.Minute,
		15 * time.Second:     1500 * time.Millisecond, // on a laptop one wants to watch
		time.Second:          100 * time.Millisecond,
		-time.Hour:           0,
	} {
		if got := secret.Grace(retention); got != want {
			t.Errorf("a retention of %v has a grace of %v, want %v", retention, got, want)
		}
	}
}
