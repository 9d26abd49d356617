package page

import (
	"slices"
	"time"
)

// Median returns the middle of the durations; 0 if there are none.
func Median(all []time.Duration) time.Duration { return at(all, 2) }

// Least is the shortest of the durations; 0 if there are none. It is for times on the clock: other programs
// can only add to them.
func Least(all []time.Duration) time.Duration { return at(all, 0) }

// MedianRatio is the median of the ratios of pairs; 0 if there are none.
func MedianRatio(over, under []time.Duration) float64 { return at(ratios(over, under), 2) }

// Quartiles are the ratios of pairs that a quarter and three quarters of them do not exceed.
func Quartiles(over, under []time.Duration) (low, high float64) {
	all := ratios(over, under)
	return at(all, 1), at(all, 3)
}

func ratios(over, under []time.Duration) []float64 {
	out := make([]float64, 0, len(over))
	for i := range over {
		if under[i] > 0 {
			out = append(out, float64(over[i])/float64(under[i]))
		}
	}
	return out
}

// at returns the element that so many quarters of all do not exceed.
func at[T float64 | time.Duration](all []T, quarters int) T {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)-1)*quarters/4]
}
