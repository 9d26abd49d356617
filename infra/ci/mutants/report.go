package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// report prints results as they come, and counts them.
type report struct {
	out    io.Writer
	counts map[verdict]int
	bad    []result
}

func (r *report) add(one result) {
	if r.counts == nil {
		r.counts = map[verdict]int{}
	}
	r.counts[one.verdict]++
	if one.verdict != killed {
		r.bad = append(r.bad, one)
	}
	fmt.Fprintf(r.out, "%-8s %5.1fs  %s", one.verdict, one.took.Seconds(), one.name)
	if one.verdict == killed {
		fmt.Fprintf(r.out, "  (%s)", one.detail)
	}
	fmt.Fprintln(r.out)
}

// end prints the failures again and a summary. It returns an error unless every fault tried was killed.
func (r *report) end(picked int, took time.Duration) error {
	tried := 0
	for _, n := range r.counts {
		tried += n
	}
	for _, one := range r.bad {
		fmt.Fprintf(r.out, "\n%s: %s\n  %s, in %s by %s %s\n", one.verdict, one.name, one.list, one.in, one.testsIn, one.tests)
		if one.detail != "" {
			fmt.Fprintln(r.out, "  "+strings.ReplaceAll(strings.TrimSpace(one.detail), "\n", "\n  "))
		}
	}
	fmt.Fprintf(r.out, "\n%d faults planted, %d killed, %d survived, %d could not be tried, %d left out for lack of time; %s\n",
		tried, r.counts[killed], r.counts[survived], r.counts[broken]+r.counts[absent], picked-tried, took.Round(time.Second))
	if len(r.bad) > 0 {
		return errSurvived
	}
	return nil
}
