package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"keepsake/infra/markdown"
)

func dollars(d float64) string { return "$" + cents(d) }

// cents is an amount of dollars with thousands apart.
func cents(d float64) string {
	text := strconv.FormatFloat(d, 'f', 2, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	return markdown.Thousands(whole) + "." + fraction
}

func whole(n float64) string {
	return markdown.Thousands(strconv.FormatFloat(math.Round(n), 'f', 0, 64))
}

func bold(text string) string { return "**" + text + "**" }

// amount is a number without needless zeros; nothing for zero.
func amount(n float64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

func (m model) pricesTable() string {
	rows := [][]string{{"what", "unit", "price", "free each month, for good", "source", "as of"}}
	for _, p := range m.Prices {
		cost, free := "free", "none"
		if p.Dollars > 0 {
			cost = "$" + strconv.FormatFloat(p.Dollars, 'f', max(2, len(amount(p.Dollars))-2), 64)
		}
		if p.Note != "" {
			cost += " (" + p.Note + ")"
		}
		if p.Free > 0 {
			free = freeText(p)
		}
		rows = append(rows, []string{p.What, p.Unit, cost, free, p.Source, p.Date})
	}
	return markdown.Table(rows)
}

func freeText(p price) string {
	switch {
	case p.Per == 1e9:
		return whole(p.Free/1e9) + " GB"
	case p.Free >= 1e6:
		return whole(p.Free/1e6) + " million"
	}
	return whole(p.Free)
}

func (m model) idleTable() string {
	s := m.Stack
	how := []string{
		amount(s.Keys),
		fmt.Sprintf("%v, which watch %v metrics: `JobErrorsAlarm` watches four", s.Alarms, s.AlarmMetrics),
		fmt.Sprintf("%v that the jobs always send: `PurgeLag`, `Purged`, `OrphanedVersions`", s.IdleMetrics),
		"1",
	}
	rows := m.idle()
	runs := rows[4].usage["tick"]
	how = append(how,
		fmt.Sprintf("%s, of three schedules", whole(runs)),
		fmt.Sprintf("%s requests; %v s of %v MB each (assumption): %s GB-s", whole(runs), m.Assumptions.JobMs/1000, s.MemoryMB, whole(rows[5].usage["lambda-gb-second"])),
		fmt.Sprintf("%.2f million units, counted", rows[6].usage["read-unit"]/1e6),
		fmt.Sprintf("%.2f GB, counted: %.0f bytes a run", rows[7].usage["log"]/1e9, rows[7].usage["log"]/runs),
	)
	out := [][]string{{"", "how many", "list price", "with the allowances"}}
	for i, r := range rows {
		out = append(out, []string{r.name, how[i], dollars(m.dollars(r.usage)), dollars(m.withFree(r.usage))})
	}
	all := together(rows)
	return markdown.Table(append(out, []string{bold("together"), "", bold(dollars(m.dollars(all))), bold(dollars(m.withFree(all)))}))
}

func (m model) countsTable() string {
	rows := [][]string{{"", "steps of calls", "read units", "at most", "write units", "at most", "KMS", "log, bytes", "response, bytes"}}
	for _, c := range m.Counts {
		var steps []string
		for _, step := range c.Steps {
			steps = append(steps, strings.NewReplacer("dynamodb:", "", "kms:", "").Replace(strings.Join(step, " + ")))
		}
		text := strings.Join(steps, ", ")
		if n := len(c.Steps); n > 5 {
			text = fmt.Sprintf("%d × %s", n, steps[0])
		}
		rows = append(rows, []string{
			c.Case, text, amount(c.ReadUnits), more(c.ReadUnits, mostReadUnits(c)), amount(c.WriteUnits), more(c.WriteUnits, mostWriteUnits(c)),
			amount(float64(c.Calls("kms"))), whole(math.Round(float64(c.LogBytes)/10) * 10), whole(float64(c.ResponseBytes)),
		})
	}
	return markdown.Table(rows)
}

// more is the upper bound of n, if it is another number.
func more(n, most float64) string {
	if n == most {
		return ""
	}
	return amount(most)
}

func (m model) millionTable() string {
	rows := [][]string{{"", "edge, gateway", "Lambda", "DynamoDB", "audit line", "KMS", "logs", "**together**"}}
	for _, o := range m.operations() {
		cells := []string{o.name}
		for _, part := range o.part {
			d := 1e6 * m.dollars(part)
			if d == 0 {
				cells = append(cells, "")
			} else {
				cells = append(cells, cents(d))
			}
		}
		rows = append(rows, append(cells, bold(cents(1e6*m.dollars(o.total())))))
	}
	return markdown.Table(rows)
}

func (m model) examplesTable() string {
	rows := [][]string{{""}}
	for _, l := range examples {
		rows[0] = append(rows[0], l.name)
	}
	for i := range m.bill(examples[0]) {
		cells := []string{m.bill(examples[0])[i].name}
		for _, l := range examples {
			cells = append(cells, cents(m.dollars(m.bill(l)[i].usage)))
		}
		rows = append(rows, cells)
	}
	for _, last := range []struct {
		name string
		of   func(load) float64
		bold bool
	}{
		{"list price", func(l load) float64 { return m.dollars(together(m.bill(l))) }, true},
		{"with the allowances to itself", func(l load) float64 { return m.withFree(together(m.bill(l))) }, false},
		{"a year on, with twelve months of trail and a rotation", m.yearOn, false},
		{"Secrets Manager", m.theirs, true},
	} {
		cells := []string{last.name}
		for _, l := range examples {
			cells = append(cells, dollars(last.of(l)))
		}
		if last.bold {
			for i := range cells {
				cells[i] = bold(cells[i])
			}
		}
		rows = append(rows, cells)
	}
	return markdown.Table(rows)
}

func (m model) breakEvenTable() string {
	rows := [][]string{{"accesses a month", firstMonth.name, afterAYear.name, withCache.name}}
	for _, c := range []struct {
		name string
		n    float64
	}{{"next to none", 0}, {"1 million", 1e6}, {"10 million", 10e6}, {"100 million", 100e6}} {
		cells := []string{c.name}
		for _, k := range []kind{firstMonth, afterAYear, withCache} {
			cells = append(cells, whole(math.Ceil(max(0, m.breakEven(k, c.n)))))
		}
		rows = append(rows, cells)
	}
	return markdown.Table(rows)
}
