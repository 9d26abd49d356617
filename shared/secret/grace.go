package secret

import "time"

// PurgeGrace is how long a secret's rows stay after its deadline before they may be erased. Reads do
// not wait for it: from PurgeAt on nobody can read the secret. Erasing depends on a clock, and a clock
// that is fast by up to PurgeGrace erases nothing early.
const PurgeGrace = 2 * time.Minute

// Grace returns the grace for a retention: PurgeGrace for every retention that a deployed stack may
// have. For less than twenty minutes it is a tenth of the retention, so that people can watch a purge:
// only tests and laptops have that, and there all clocks are the same.
func Grace(retention time.Duration) time.Duration {
	return max(0, min(PurgeGrace, retention/10))
}
