// bench measures what the functions cost, as processes, and writes it into a page, beside the page that was
// there before. Only its ratios can be compared: they are of one run on one machine.
//
// The environment may say ROUNDS (of warm calls), CALLS (in a round), STARTS (of new processes) and ROWS (of
// the largest table).
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"keepsake/infra/bench/count"
	"keepsake/infra/bench/page"
	"keepsake/infra/bench/stage"
	"keepsake/infra/cloud/host"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	if err := checkSizes(os.Getenv); err != nil {
		return err
	}
	root, err := host.FindUp("go.mod")
	if err != nil {
		return err
	}
	docs := folder(filepath.Join(root, "infra", "docs"))
	before, err := docs.read()
	if err != nil {
		return err
	}
	load := loadAverage()
	now, err := measure(ctx, root)
	if err != nil {
		return err
	}
	now.Commit, now.Date = commit(ctx, root), time.Now().UTC().Format(time.DateOnly)
	now.Machine = machine(load)
	for _, sentence := range page.Worse(before, now) {
		say("worse: %s", sentence)
	}
	say("the page is %s", filepath.Join(string(docs), textFile))
	return docs.write(before, now)
}

// measure measures all parts, one after the other.
func measure(ctx context.Context, root string) (now page.Figures, err error) {
	began := time.Now()
	done := func(part string) { say("%s after %s", part, time.Since(began).Round(time.Second)) }
	s, err := stage.Open(ctx)
	if err != nil {
		return now, err
	}
	defer s.Close()
	done("the functions are built")
	if now.Counted, err = countAll(ctx, s); err != nil {
		return now, err
	}
	recordings, err := recordAll(s)
	if err != nil {
		return now, err
	}
	if now.Warm, err = measureWarm(s, recordings); err != nil {
		return now, err
	}
	done("warm calls")
	limit, err := newThrottle()
	if err != nil {
		now.Notes = append(now.Notes, "How long first calls take: no processor can be throttled here ("+err.Error()+").")
	}
	defer limit.remove()
	if now.Cold, err = measureCold(s, recordings, limit); err != nil {
		return now, err
	}
	done("new processes")
	if now.Growth, err = measureGrowth(ctx, s); err != nil {
		return now, err
	}
	done("growth")
	var notes []string
	now.Beside, notes = measureBeside(ctx, root, s.Folder)
	now.Notes = append(now.Notes, notes...)
	done("other servers")
	return now, nil
}

// countAll counts each case, beside its budget.
func countAll(ctx context.Context, s *stage.Stage) ([]page.Counted, error) {
	counts, err := count.All(ctx, s)
	if err != nil {
		return nil, err
	}
	all := make([]page.Counted, len(counts))
	for i, n := range counts {
		budget := count.Cases[i]
		all[i] = page.Counted{
			Case: n.Case, Steps: n.Steps, ReadUnits: n.ReadUnits, WriteUnits: n.WriteUnits, LogBytes: n.LogBytes,
			BudgetSteps: budget.Steps, BudgetReads: budget.Reads, BudgetWrites: budget.Writes,
		}
	}
	return all, nil
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }
