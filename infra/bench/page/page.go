package page

import (
	"fmt"
	"strings"
)

// Markdown returns the page. before is what was measured the last time, or empty.
func Markdown(before, now Figures) string {
	var out strings.Builder
	out.WriteString("# Performance\n\n")
	verdict(&out, before, now)
	fmt.Fprintf(&out, "Commit %s, %s, %s. `make bench` writes this page: do not edit it.\n"+
		"Only ratios can be compared with another run's: times and bytes are for scale. [The figures as data](performance.json).\n\n",
		now.Commit, now.Date, now.Machine)
	warmPart(&out, now)
	coldPart(&out, now)
	countedPart(&out, now)
	growthPart(&out, now)
	besidePart(&out, now)
	if len(now.Notes) > 0 {
		out.WriteString("## Left out\n\n")
		for _, note := range now.Notes {
			fmt.Fprintf(&out, "- %s\n", note)
		}
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// verdict says what is worse than before.
func verdict(out *strings.Builder, before, now Figures) {
	worse := Worse(before, now)
	switch {
	case before.Commit == "":
		out.WriteString("No page was here before, so there is nothing to compare with.\n\n")
	case len(worse) == 0:
		fmt.Fprintf(out, "No ratio is more than 15 %% worse than on the page before, of %s, commit %s.\n\n", before.Date, before.Commit)
	default:
		fmt.Fprintf(out, "**Worse than on the page before**, of %s, commit %s, by more than 15 %%:\n\n", before.Date, before.Commit)
		for _, sentence := range worse {
			fmt.Fprintf(out, "- %s\n", sentence)
		}
		out.WriteString("\n")
	}
}

func warmPart(out *strings.Builder, now Figures) {
	out.WriteString(`## A warm call

Processor time of a function's process, beside that of a bare function: it makes the same calls with the same inputs by
the SDK, and has no logic, no credentials and no log. It neither reads a row nor writes JSON, which is most of what a
list does: beside a loop that does both, a list takes 0.97 ([decision 29](../decisions/0029-trash-by-deadline.md)). Both
get the same events from Lambda's runtime API, and recorded responses of AWS from another process. "Beyond an empty
function" takes away what a function that does nothing costs. Medians of rounds that alternate; the quartiles show how
steady they are.

![Processor time of a warm call, to a bare function's](performance-warm.svg)

`)
	var rows [][]string
	for _, w := range now.Warm {
		rows = append(rows, []string{
			w.Operation, decimal(w.Ratio), decimal(w.Low) + " to " + decimal(w.High), goal(w), decimal(w.Net),
			fmt.Sprintf("%.0f µs", w.Microseconds), memory(w.Memory[0]), memory(w.Memory[1]), memory(w.Memory[2]),
		})
	}
	table(out, []string{"", "to a bare function", "quartiles", "goal", "beyond an empty function", "time", "memory, fresh · warm", "bare", "empty"}, rows)
}

func goal(w Warm) string {
	most, ok := Goals[w.Operation]
	switch {
	case !ok:
		return ""
	case w.Ratio > most:
		return decimal(most) + ", missed"
	}
	return decimal(most) + ", kept"
}

func memory(m Memory) string { return megabytes(m.Fresh) + " · " + megabytes(m.Warm) }

func coldPart(out *strings.Builder, now Figures) {
	if len(now.Cold) == 0 {
		return
	}
	out.WriteString(`## A new process

With TLS to AWS. From the first event on, the process has 0.145 of a processor, as a function with 256 MB has on Lambda.
A start opens the connections ([decision 25](../decisions/0025-warm-start.md)); a bare function opens them in its first
call, and the caller waits. How long a caller waits is the least of all starts, since other programs can only add to it;
processor times are medians.

![How long a first call takes, to a bare function's](performance-cold.svg)

`)
	var rows [][]string
	for _, c := range now.Cold {
		rows = append(rows, []string{
			c.Operation, decimal(c.FirstToBare), decimal(c.FirstToSecond), decimal(c.StartToHello), decimal(c.StartToBare), milliseconds(c.FirstMilliseconds),
		})
	}
	table(out, []string{"", "first call, to a bare function's", "first call, to the second", "processor time of the start, to an empty function's", "to a bare function's", "first call"}, rows)
}

func countedPart(out *strings.Builder, now Figures) {
	out.WriteString(`## Calls, steps, units

One warm invocation, as counted before the DynamoDB engine. Calls joined by + are made at the same time. A test holds
each count to its budget ([cases.go](../bench/count/cases.go)). The units are the engine's: it doubles the rows of a
transaction, but not their index entries; [the page on cost](cost.md) takes the upper bound. A value has 22 bytes.

`)
	var rows [][]string
	for _, c := range now.Counted {
		budget := "kept"
		if c.ReadUnits > c.BudgetReads || c.WriteUnits > c.BudgetWrites || sequence(c.Steps) != sequence(c.BudgetSteps) {
			budget = fmt.Sprintf("**%s; %s · %s**", sequence(c.BudgetSteps), units(c.BudgetReads), units(c.BudgetWrites))
		}
		rows = append(rows, []string{c.Case, sequence(c.Steps), units(c.ReadUnits), units(c.WriteUnits), fmt.Sprintf("%d B", c.LogBytes), budget})
	}
	table(out, []string{"", "calls", "read units", "write units", "log", "budget"}, rows)
}

func besidePart(out *strings.Builder, now Figures) {
	if len(now.Beside) == 0 {
		return
	}
	out.WriteString(`## Beside other servers

Processor time of one request, to our function's in the table of warm calls. **The two are not the same thing**: a server
does all by itself, storage included; our function's process does not include the gateway, DynamoDB, KMS and Lambda, which
AWS bills by the call. Setec keeps one encrypted file, which it writes anew with each change; it has no undelete, and its
delete is final. OpenBao is its dev server: KV version 2 in memory, no audit device, no TLS; its delete is of a version.

`)
	ours := map[Deed]float64{}
	for _, w := range now.Warm {
		ours[Deed(w.Operation)] = w.Microseconds
	}
	head := []string{""}
	for _, b := range now.Beside {
		head = append(head, b.Name+", to ours")
	}
	var rows [][]string
	for _, deed := range []Deed{Create, Access, Delete, Undelete} {
		row := []string{string(deed)}
		for _, b := range now.Beside {
			row = append(row, over(b.Microseconds[deed], ours[deed]))
		}
		rows = append(rows, row)
	}
	held := []string{"memory at most"}
	for _, b := range now.Beside {
		held = append(held, megabytes(b.Memory))
	}
	table(out, head, append(rows, held))
}

func over(theirs, ours float64) string {
	if ours == 0 {
		return "–"
	}
	return decimal(theirs / ours)
}
