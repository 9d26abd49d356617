package audit_test

import (
	"fmt"
	"testing"
	"time"

	"keepsake/shared/audit"
)

// attempt writes an attempt to read, at a moment.
func (p paper) attempt(outcome audit.Outcome, at time.Time, principal string) {
	p.t.Helper()
	l := line()
	l.Outcome, l.By.At, l.By.Principal = outcome, at, principal
	p.write(l)
}

// deleteLine writes the line of a delete.
func (p paper) deleteLine(at time.Time) {
	p.t.Helper()
	l := line()
	l.By.Operation, l.By.At = "delete-secret", at
	p.write(l)
}

// asked returns what the trail says of the time since a moment. The index knows its second only.
func (p paper) asked(since time.Time) audit.Asked {
	p.t.Helper()
	newest, err := p.reader.Newest(p.t.Context(), line().Ref, since.Truncate(time.Second))
	if err != nil {
		p.t.Fatal(err)
	}
	return newest.Asked(since)
}

func TestRefusedReadsSinceAMomentAreCountedWithTheNewestOne(t *testing.T) {
	p := newPaper(t)
	since := noon.Add(500 * time.Millisecond)
	p.attempt(audit.Denied, since.Add(-time.Millisecond), "tok_before")
	p.deleteLine(since)
	p.attempt(audit.Allowed, since.Add(time.Millisecond), "tok_overtaken")
	p.attempt(audit.Denied, since, "tok_first")
	p.attempt(audit.Denied, since.Add(time.Hour), "tok_last")
	if got, want := p.asked(since), (audit.Asked{Count: 2, LastAt: since.Add(time.Hour).Truncate(time.Second), LastBy: "tok_last"}); got != want {
		t.Errorf("asked %+v, want %+v", got, want)
	}
}

func TestAHundredRefusalsAreCountedAndItSaysIfThereAreMore(t *testing.T) {
	p := newPaper(t)
	for n := range 5 { // before the moment, in its second
		p.attempt(audit.Denied, noon.Add(time.Duration(n)*time.Millisecond), "tok_before")
	}
	since := noon.Add(500 * time.Millisecond)
	p.deleteLine(since)
	for n := range audit.MostAsked + 2 {
		want := fmt.Sprint(min(n, audit.MostAsked), " ", n > audit.MostAsked)
		if n < 2 || n > audit.MostAsked-2 {
			if got := p.asked(since); fmt.Sprint(got.Count, " ", got.More) != want {
				t.Errorf("after %d refusals it says %+v, want %s", n, got, want)
			}
		}
		p.attempt(audit.Denied, since.Add(time.Duration(1+n)*time.Second), "tok_x")
	}
}

func TestLinesThatAreNotAllReadMeanThatThereMayBeMore(t *testing.T) {
	p := newPaper(t)
	p.deleteLine(noon)
	for n := range audit.MostAsked + 2 { // as overtaken reads of a busy secret are
		p.attempt(audit.Allowed, noon.Add(time.Duration(n)*time.Millisecond), "tok_x")
	}
	if got := p.asked(noon); got.Count != 0 || !got.More {
		t.Errorf("it says %+v", got)
	}
	if got := p.asked(noon.Add(10 * time.Millisecond)); got.More { // all since then are read
		t.Errorf("it says %+v", got)
	}
}

func TestTheNewestLinesAreOneConsistentQuery(t *testing.T) {
	p := newPaper(t)
	p.deleteLine(noon)
	p.cloud.ResetCalls()
	p.asked(noon)
	if calls := p.cloud.Calls(); len(calls) != 1 || calls[0] != "dynamodb:Query" {
		t.Errorf("calls %v", calls)
	}
}
