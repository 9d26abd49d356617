package secret

import "time"

// PurgeGrace is how long a secret stays in the table after its deadline before anything may erase
// it. Reads do not wait for it: from PurgeAt on it is gone to everybody. What erases asks a clock,
// and a clock that is up to this fast erases nothing early.
const PurgeGrace = 2 * time.Minute

// Grace is the grace of secrets that are kept for retention after their delete: PurgeGrace, for
// every retention that a deployed stack takes. One of less than twenty minutes, which only tests and
// laptops have, where all clocks are one, leaves a tenth of itself, so that people can watch.
func Grace(retention time.Duration) time.Duration {
	return max(0, min(PurgeGrace, retention/10))
}
