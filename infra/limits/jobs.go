package main

import (
	"math"

	"keepsake/infra/limits/partition"
	"keepsake/infra/limits/trace"
)

// Of the jobs, from the code and the template.
const (
	runSeconds  = 50  // purge-due starts no erasure in the last five of its 55 seconds
	tickSeconds = 60  // and starts each minute
	alarmAfter  = 600 // PurgeLag's alarm
	promised    = 185 // seconds until an erasure if there is no backlog
)

// purgePace is how many secrets a second purge-due erases, so many at once, if each step of calls takes its time.
func (m model) purgePace(atOnce float64) float64 {
	steps := float64(len(m.counts["delete, force"].Steps)) // the same code
	pace := atOnce * 1000 / (steps * m.Prices.Assumptions.StepMs) * runSeconds / tickSeconds
	_, keys := m.play(only(trace.Purge, oneWorkspace), nil, m.quota("gateway"))
	return min(pace, keys.Rate)
}

// purgeLag is how late the last of n secrets is erased, in seconds, if they fall due at the pace at which the throttle
// let them be deleted.
func (m model) purgeLag(n, atOnce float64) float64 {
	return promised + max(0, n/m.purgePace(atOnce)-n/m.Throttle)
}

// purgeMost is how many can be deleted at that pace until the alarm sounds.
func (m model) purgeMost(atOnce float64) float64 {
	each := 1/m.purgePace(atOnce) - 1/m.Throttle
	if each <= 0 {
		return math.Inf(1)
	}
	return (alarmAfter - promised) / each
}

// linesPerShard is how many lines a second record-changes writes of one shard of the stream: one after the other.
func (m model) linesPerShard() float64 { return 1000 / m.Prices.Assumptions.StepMs }

// linesAtFirst is the same for a new table, whose stream has a shard for each partition.
func (m model) linesAtFirst() float64 { return partition.Initial * m.linesPerShard() }
