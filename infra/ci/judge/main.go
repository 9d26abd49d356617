// Command judge compares our evaluator of roles, infra/cloud/iam, with one that others wrote. Both decide what tests
// have recorded, what each statement of the template is there for, calls that differ from these in one thing, and
// statements that differ in one thing from the template's. infra/ci/judge/run makes the record and starts it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"keepsake/infra/cloud/host"
	"keepsake/infra/cloud/iam"
)

// errFaults is the error of a run that found something.
var errFaults = errors.New("the judges disagree, or a statement of the template is at fault: see above")

// settings are the flags of the command line.
type settings struct {
	record string
	tools  string
}

func main() {
	var s settings
	flag.StringVar(&s.record, "record", "", "the folder in which tests have recorded calls")
	flag.StringVar(&s.tools, "tools", "", "the folder that has the second judge's node_modules")
	flag.Parse()
	if err := run(context.Background(), s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}

// run prints one line for each fault, and what was compared.
func run(ctx context.Context, s settings, out io.Writer) error {
	root, err := host.FindUp("go.mod")
	if err != nil {
		return err
	}
	w, err := readWorld(root)
	if err != nil {
		return err
	}
	decisions, err := readRecord(s.record)
	if err != nil {
		return err
	}
	documents, err := w.documents(root)
	if err != nil {
		return err
	}
	t := w.trials(decisions)
	opinions, err := second{root, s.tools}.opinions(ctx, t.all, documents)
	if err != nil {
		return err
	}
	exceptions, err := readExceptions(exceptionsText)
	if err != nil {
		return err
	}
	differ := compare(t.all, opinions)
	found, unneeded := except(exceptions, slices.Concat(differ, oddities(documents, opinions[len(t.all):])))
	faults := slices.Concat(w.unused(decisions), t.faults, found, unneeded)
	printSome(out, faults)
	w.report(out, t)
	_, _ = fmt.Fprintf(out, "%6d policies checked as texts\n%6d exceptions\ndisagreements and faults: %d\n", len(documents), len(exceptions), len(faults))
	if len(faults) > 0 {
		return errFaults
	}
	return nil
}

// most is how many faults are printed: a fault in the evaluator may show in thousands of cases.
const most = 40

func printSome(out io.Writer, faults []string) {
	slices.Sort(faults)
	for i, fault := range faults {
		if i == most {
			_, _ = fmt.Fprintf(out, "and %d more\n", len(faults)-most)
			return
		}
		_, _ = fmt.Fprintln(out, fault)
	}
}

// trials makes all cases.
func (w world) trials(decisions []iam.Decision) *trials {
	t := &trials{seen: map[string]bool{}, refused: map[string]bool{}}
	for _, d := range decisions {
		if allowed, err := d.Answer(); allowed != d.Allowed && err == nil {
			t.faults = append(t.faults, fmt.Sprintf("our evaluator says %v when it is asked again: %s", allowed, key(d)))
		}
		t.must(recorded, "of a test", d.Question)
	}
	for _, a := range w.actors {
		for _, s := range a.statements {
			for _, q := range w.asked(a, s) {
				t.mustAllow(s.Sid, q)
			}
		}
	}
	for _, k := range w.keys {
		for _, s := range k.Statements {
			for _, q := range w.administer(k, s) {
				t.mustAllow(k.LogicalID+" "+s.Sid, q)
			}
		}
	}
	w.vary(t)
	return t
}

// compare lists the trials in which the judges disagree. If the second one finds errors, AWS takes no such policy, or
// has no such call, and our evaluator must refuse to judge it.
func compare(all []trial, opinions []opinion) (differ []string) {
	for i, each := range all {
		switch o := opinions[i]; {
		case len(o.Errors) > 0:
			differ = append(differ, fmt.Sprintf("we %s, AWS does not know this (%s): %s", verdict(each.allowed), o.Errors[0], each.line()))
		case o.Allowed != each.allowed:
			differ = append(differ, fmt.Sprintf("we %s, they %s: %s", verdict(each.allowed), verdict(o.Allowed), each.line()))
		}
	}
	return differ
}

func verdict(allowed bool) string {
	if allowed {
		return "allow"
	}
	return "deny"
}

func oddities(documents []document, opinions []opinion) (all []string) {
	for i, o := range opinions {
		for _, oddity := range o.Errors {
			all = append(all, documents[i].name+": "+oddity)
		}
	}
	return all
}

// report prints what was compared.
func (w world) report(out io.Writer, t *trials) {
	count, denied := map[group]int{}, map[group]int{}
	for _, each := range t.all {
		count[each.group]++
		if !each.allowed {
			denied[each.group]++
		}
	}
	statements := len(w.statements())
	for _, k := range w.keys {
		statements += len(k.Statements)
	}
	_, _ = fmt.Fprintf(out, "%d statements of %d roles and %d keys\n", statements, len(w.actors), len(w.keys))
	for _, g := range []group{recorded, written, nearMiss, oddPolicy} {
		_, _ = fmt.Fprintf(out, "%6d %s, %d of them denied\n", count[g], g, denied[g])
	}
	_, _ = fmt.Fprintf(out, "%6d odd policies that our evaluator refuses to judge\n", len(t.refused))
}
