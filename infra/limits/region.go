package main

import "keepsake/infra/limits/trace"

// month is what callers do in a month, as on the page about cost.
type month struct {
	name               string
	accesses, versions float64
}

var months = []month{
	{"10 secrets, idle (1,000 accesses)", 1000, 0},
	{"500 secrets, 1 million accesses, 1,000 new versions", 1e6, 1000},
	{"10,000 secrets, 10 million accesses, 20,000 new versions", 10e6, 20000},
}

// replicated are the units that a replica writes for a request: as many as the table itself. A replica writes each
// row by itself, so that a transaction's count once.
func replicated(t trace.Trace) float64 {
	sum := 0.0
	for _, touch := range t.Touches {
		sum += touch.Write
	}
	return sum
}

// secondRegion is what a replica of all tables and of the key costs a month more, in its first month, whoever reads
// there: a key, the replicated writes, and a second copy of the trail with its backup. What the second region
// computes, it takes off the first.
func (m model) secondRegion(l month) float64 {
	access, version := replicated(m.trace(reading)), replicated(m.trace("create version"))
	bytes := (l.accesses + l.versions) * m.Prices.Assumptions.AuditRowBytes
	return m.price("key") + (l.accesses*access+l.versions*version)*m.price("write-unit") +
		bytes*(m.price("storage")+m.price("backup"))
}
