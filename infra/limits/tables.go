package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"keepsake/infra/limits/partition"
	"keepsake/infra/limits/trace"
	"keepsake/infra/markdown"
)

// whole is a figure of the page, rounded down to two digits: what chance gives has no more.
func whole(n float64) string {
	if digits := math.Pow(10, math.Floor(math.Log10(max(n, 1)))-1); digits > 1 {
		n = math.Floor(n/digits+1e-6) * digits
	}
	return markdown.Thousands(strconv.FormatFloat(math.Floor(n+1e-6), 'f', 0, 64))
}

// upTo is a limit on the page; what lies beyond the gateway's own is not looked for.
func (m model) upTo(l partition.Limit) string {
	if l.Rate >= m.quota("gateway") {
		return "no key"
	}
	return whole(l.Rate)
}

func (m model) why(l partition.Limit) string {
	if l.Rate >= m.quota("gateway") {
		return ""
	}
	return l.Key
}

// operationsTable says how often a second each operation can run, on one secret, in one workspace and in one account.
func (m model) operationsTable() string {
	rows := [][]string{{"", "one secret", "full first", "one workspace, new tables", "once split", "full first", "one account", "full first"}}
	for _, t := range m.Traces {
		if _, counted := m.counts[strings.TrimSuffix(t.Case, trace.Large)]; !counted || t.Case == "purge-due, nothing due" {
			continue
		}
		cells := []string{t.Case, "", "", "", "", ""}
		if t.Has(trace.Secret) {
			_, l := m.play(only(t.Case, oneSecret), nil, m.quota("gateway"))
			cells[1], cells[2] = m.upTo(l), m.why(l)
		}
		if t.Has(trace.Workspace) {
			fresh, settled := m.play(only(t.Case, oneWorkspace), nil, m.quota("gateway"))
			cells[3], cells[4], cells[5] = m.upTo(fresh), m.upTo(settled), m.why(settled)
		}
		l := m.account(t)
		rows = append(rows, append(cells, whole(l.Rate), l.Key))
	}
	return markdown.Table(rows)
}

func (m model) loadsTable() string {
	rows := [][]string{{"", "new tables", "full first", "once split", "full first"}}
	for _, l := range loads {
		fresh, settled := m.play(l.load, nil, m.quota("gateway"))
		rows = append(rows, []string{l.name, m.upTo(fresh), m.why(fresh), m.upTo(settled), m.why(settled)})
	}
	return markdown.Table(rows)
}

func (m model) quotasTable() string {
	rows := [][]string{{"", "by default", "reads a second", "creates a second", "raised"}}
	add := func(what string, value, reads, creates float64, raise string) {
		rows = append(rows, []string{what, whole(value), whole(reads), whole(creates), raise})
	}
	add("the template's `ThrottleRate`; bursts of 1,000", m.Throttle, m.Throttle, m.Throttle, "by the parameter, up to 10,000")
	read, create := m.trace(reading), m.trace("create")
	for _, q := range m.Quotas {
		reads, creates := q.Value, q.Value
		switch q.Key {
		case "concurrency", "new-account":
			reads, creates = q.Value*m.perEnvironment(reading), q.Value*m.perEnvironment("create")
		case "per-environment":
			reads, creates = m.perEnvironment(reading), m.perEnvironment("create")
		case "scaling":
			reads, creates = q.Value*m.perEnvironment(reading), q.Value*m.perEnvironment("create")
		case "kms":
			reads, creates = q.Value/float64(read.KMS), q.Value/float64(create.KMS)
		case "table":
			reads, creates = q.Value/most(read), q.Value/most(create)
		}
		add(fmt.Sprintf("[%s](%s)", q.What, q.Source), q.Value, reads, creates, q.Raise)
	}
	return markdown.Table(rows)
}

// perEnvironment is how many requests a second one execution environment serves.
func (m model) perEnvironment(name string) float64 {
	return min(m.quota("per-environment"), 1000/m.takes(name))
}

// most is the most units that a request takes in a table, of reads or of writes.
func most(t trace.Trace) float64 {
	units := 0.0
	for _, u := range tableUnits(t) {
		units = max(units, u[0], u[1])
	}
	return units
}

func (m model) liftsTable() string {
	rows := [][]string{{"", "now", "the change", "then", "full then", "what it costs"}}
	for _, l := range lifts {
		_, now := m.play(l.load, nil, m.quota("gateway"))
		fresh, settled := m.play(l.load, l.change, m.quota("gateway"))
		then := m.upTo(settled)
		if fresh.Rate < settled.Rate {
			then += ", new tables " + m.upTo(fresh)
		}
		rows = append(rows, []string{l.limit, m.upTo(now), l.what, then, m.why(settled), l.costs})
	}
	return markdown.Table(rows)
}

func (m model) regionTable() string {
	rows := [][]string{{""}, {"a second region, a month more"}}
	for _, l := range months {
		rows[0] = append(rows[0], l.name)
		rows[1] = append(rows[1], fmt.Sprintf("$%.2f", m.secondRegion(l)))
	}
	return markdown.Table(rows)
}
