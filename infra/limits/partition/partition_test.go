package partition

import (
	"fmt"
	"math"
	"testing"
)

// enough is a rate at which the tests look no further.
const enough = 50_000

// settle returns the limits of a load of which each request has one access.
func settle(t *testing.T, access func(n int) Access) (first, last Limit) {
	t.Helper()
	n := 0
	return New().Settle(enough, func(int) []Request {
		var requests []Request
		for range 2000 {
			requests = append(requests, Request{access(n)})
			n++
		}
		return requests
	})
}

func near(got, want float64) bool { return math.Abs(got-want) <= want/1000 }

func TestOneItemNeverTakesMoreThanAPartition(t *testing.T) {
	for name, c := range map[string]struct {
		read, write, want float64
	}{
		"writes": {0, 1, 1000}, "larger writes": {0, 4, 250}, "reads": {1, 0, 3000}, "weak reads": {0.5, 0, 6000}, "both": {3, 1, 500},
	} {
		first, last := settle(t, func(int) Access { return Access{Place: "t", Key: "k", Sort: "s", Read: c.read, Write: c.write} })
		if !near(first.Rate, c.want) || !near(last.Rate, c.want) {
			t.Errorf("%s: %v, then %v a second, want %v", name, first.Rate, last.Rate, c.want)
		}
	}
}

func TestNewTablesTakeWhatFourPartitionsTakeAndManyKeysMore(t *testing.T) {
	first, last := settle(t, func(n int) Access { return Access{Place: "t", Key: fmt.Sprint(n % 100_000), Write: 1} })
	if first.Rate < 3400 || first.Rate > 4000 {
		t.Errorf("new: %v a second, want a bit less than 4,000", first.Rate)
	}
	if last.Rate < enough/2 {
		t.Errorf("split: %v a second", last.Rate)
	}
}

func TestAKeyOfManyItemsIsSplitUnlessTheTableHasALocalIndex(t *testing.T) {
	spread := func(whole bool) func(n int) Access {
		return func(n int) Access {
			return Access{Place: "t", Key: "k", Sort: fmt.Sprint(n * 7919 % 10_007), Write: 1, Whole: whole, Label: "the key"}
		}
	}
	if _, last := settle(t, spread(false)); last.Rate < enough/2 {
		t.Errorf("without a local index: %v a second", last.Rate)
	}
	if _, last := settle(t, spread(true)); !near(last.Rate, 1000) || last.Key != "the key" {
		t.Errorf("with a local index: %v a second, at %q", last.Rate, last.Key)
	}
}

func TestTwoHotKeysOfATableWithALocalIndexArePutApart(t *testing.T) {
	_, last := settle(t, func(n int) Access { return Access{Place: "t", Key: fmt.Sprint("k", n%2), Write: 1, Whole: true} })
	if !near(last.Rate, 2000) {
		t.Errorf("%v a second, want 2,000", last.Rate)
	}
}

func TestASplitDoesNotHelpIfSortKeysOnlyGrow(t *testing.T) {
	_, last := settle(t, func(n int) Access { return Access{Place: "t", Key: "k", Sort: fmt.Sprintf("%09d", n), Write: 1} })
	if !near(last.Rate, 1000) {
		t.Errorf("%v a second, want 1,000", last.Rate)
	}
}

func TestAReplayRefusesWhatIsBeyondAPartition(t *testing.T) {
	sample := func(_, n int) (requests []Request) {
		for range n {
			requests = append(requests, Request{{Place: "table", Key: "a", Write: 1}, {Place: "index", Key: "b", Write: 2}})
		}
		return requests
	}
	for rate, want := range map[int]float64{500: 0, 625: 0.2, 1000: 0.5} { // the index is full at 500
		if refused := New().Replay(rate, 3, sample); math.Abs(refused-want) > 0.001 {
			t.Errorf("%d a second: %v are refused, want %v", rate, refused, want)
		}
	}
}
