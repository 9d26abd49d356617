package main

// row is a line of a month's bill.
type row struct {
	name  string
	usage usage
}

// idle is the bill of a stack that nobody calls.
func (m model) idle() []row {
	ticks, runs, units, logged := 0.0, usage{}, 0.0, 0.0
	for job, n := range m.Stack.Ticks {
		c := m.job(job)
		ticks += n
		runs = runs.plus(n, m.run(m.Assumptions.JobMs))
		units += n * c.ReadUnits
		logged += n * float64(c.LogBytes)
	}
	return []row{
		{"KMS keys", usage{"key": m.Stack.Keys}},
		{"alarms", usage{"alarm": m.Stack.AlarmMetrics}},
		{"metrics", usage{"metric": m.Stack.IdleMetrics}},
		{"dashboard", usage{"dashboard": 1}},
		{"ticks", usage{"tick": ticks}},
		{"their runs", runs},
		{"their reads", usage{"read-unit": units}},
		{"their logs", usage{"log": logged}},
	}
}

// job returns the count of a scheduled job's run with nothing to do.
func (m model) job(function string) (found struct {
	ReadUnits float64
	LogBytes  int
}) {
	for _, c := range m.Counts {
		if c.Function == function {
			found.ReadUnits, found.LogBytes = c.ReadUnits, c.LogBytes
			return found
		}
	}
	panic("counts.json has no run of " + function)
}

func together(rows []row) usage {
	sum := usage{}
	for _, r := range rows {
		sum = sum.plus(1, r.usage)
	}
	return sum
}

// load is what callers do in a month.
type load struct {
	name                        string
	secrets, accesses, versions float64
	busy                        bool // there is enough traffic for BusyMetrics
}

var examples = []load{
	{"10 secrets, idle (1,000 accesses)", 10, 1000, 0, false},
	{"500 secrets, 1 million accesses, 1,000 new versions", 500, 1e6, 1000, true},
	{"10,000 secrets, 10 million accesses, 20,000 new versions", 10000, 10e6, 20000, true},
}

// Search for orphans: each day at most three read units for each secret of three versions.
const orphanUnits = 3 * 30

// bill is a month with this load, the first one. Each token is in the container's memory.
func (m model) bill(l load) []row {
	idle := m.idle()
	metrics := m.Stack.IdleMetrics
	if l.busy {
		metrics = m.Assumptions.BusyMetrics
	}
	access, version := m.operation(m.counted(latest)), m.operation(m.counted("create version"))
	part := func(all ...int) usage {
		sum := usage{}
		for _, p := range all {
			sum = sum.plus(l.accesses, access.part[p]).plus(l.versions, version.part[p])
		}
		return sum
	}
	return []row{
		{"keys", idle[0].usage},
		{"alarms, metrics, dashboard", usage{"alarm": m.Stack.AlarmMetrics, "metric": metrics, "dashboard": 1}},
		{"jobs", together(idle[4:]).plus(l.secrets, usage{"read-unit": orphanUnits})},
		{"edge, gateway", part(edge)},
		{"Lambda", part(lambda)},
		{"DynamoDB, audit lines included", part(reads, trail)},
		{"KMS", part(kms)},
		{"logs", part(logs)},
		{"audit trail kept, first month", m.kept(l)},
	}
}

// kept is one month's audit lines, kept for a month.
func (m model) kept(l load) usage {
	bytes := (l.accesses + l.versions) * m.Assumptions.AuditRowBytes
	return usage{"storage": bytes, "backup": bytes}
}

// yearOn is the same month after a year: twelve months of trail, and a rotation.
func (m model) yearOn(l load) float64 {
	return m.dollars(together(m.bill(l)).plus(11, m.kept(l)).plus(1, usage{"key": 1}))
}

// theirs is what Secrets Manager charges for it.
func (m model) theirs(l load) float64 {
	return m.dollars(usage{"their-secret": l.secrets, "their-call": l.accesses})
}

// kind is a way to reckon Keepsake's month for the break-even.
type kind struct {
	name    string
	months  float64 // of trail that is kept
	rotated float64 // dollars more for keys
	cached  bool    // data keys
}

var (
	firstMonth = kind{name: "first month", months: 1}
	afterAYear = kind{name: "after a year", months: 12, rotated: 1}
	withCache  = kind{name: "first month, keys cached", months: 1, cached: true}
)

// line returns Keepsake's price of a month without secrets, and of one access.
func (m model) line(k kind) (fixed, access float64) {
	busy := together(m.bill(load{busy: true}))
	o := m.operation(m.counted(latest))
	if k.cached {
		o = m.cached(o)
	}
	kept := usage{}.plus(k.months, m.kept(load{accesses: 1}))
	return m.dollars(busy) + k.rotated, m.dollars(o.total().plus(1, kept))
}

// breakEven returns from how many secrets on Keepsake is cheaper; it may be below zero.
func (m model) breakEven(k kind, accesses float64) float64 {
	fixed, access := m.line(k)
	call := m.dollars(usage{"their-call": 1})
	return (fixed + (access-call)*accesses) / m.dollars(usage{"their-secret": 1})
}

// breakEvenWithFree is the same for a stack that nobody calls and that has what is free to itself.
func (m model) breakEvenWithFree() float64 {
	return m.withFree(together(m.idle())) / m.dollars(usage{"their-secret": 1})
}
