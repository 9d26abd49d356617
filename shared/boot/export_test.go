package boot

import "time"

// WarmUp does what Serve does before it asks Lambda for work.
func (e *Env) WarmUp(limit time.Duration) { e.warm(limit) }
