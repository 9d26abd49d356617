package boot

import "time"

// WarmUp does what Serve does before it asks Lambda for work.
func (e *Env) WarmUp(limit time.Duration) { e.warm(limit) }

// Warmers is how many functions Warm was given.
func (e *Env) Warmers() int { return len(e.warmers) }
