package main

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// played is a service that notes when it starts and stops.
type played struct {
	name  string
	notes *[]string
	err   error
	bare  bool // it has nothing to stop
}

func (p played) start(context.Context) (stop func(), err error) {
	*p.notes = append(*p.notes, "start "+p.name)
	if p.bare {
		return nil, p.err
	}
	return func() { *p.notes = append(*p.notes, "stop "+p.name) }, p.err
}

func TestServicesStartInOrderAndStopInReverse(t *testing.T) {
	var notes []string
	stop, err := startAll(t.Context(),
		played{name: "a", notes: &notes}, played{name: "b", notes: &notes, bare: true}, played{name: "c", notes: &notes})
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if want := []string{"start a", "start b", "start c", "stop c", "stop a"}; !slices.Equal(notes, want) {
		t.Errorf("%q, want %q", notes, want)
	}
}

func TestAServiceThatFailsHalfwayIsStoppedWithThoseBeforeItAndStartsNoOther(t *testing.T) {
	var notes []string
	broken := errors.New("broken")
	stop, err := startAll(t.Context(),
		played{name: "a", notes: &notes}, played{name: "b", notes: &notes, err: broken}, played{name: "c", notes: &notes})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	stop()
	if want := []string{"start a", "start b", "stop b", "stop a"}; !slices.Equal(notes, want) {
		t.Errorf("%q, want %q", notes, want)
	}
}
