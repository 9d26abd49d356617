package boot

import (
	"fmt"
	"time"
)

// Duration returns an environment variable that must be a duration from zero to most, such as 60s.
func (e *Env) Duration(name string, most time.Duration) time.Duration {
	text := e.Var(name)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > most {
		e.faults = append(e.faults, fmt.Errorf("%s: must be a duration from 0s to %s", name, most))
		return 0
	}
	return d
}
