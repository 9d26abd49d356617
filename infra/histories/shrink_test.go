package histories

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// patience is how long the checker may look for an order of one place's requests.
const patience = 2 * time.Minute

// impatience is how long it may look while a history is made smaller: it does so some hundred times.
const impatience = time.Second

func check(history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(contract.ToModel(), split(history), patience)
}

// quickly is check for one of many. What takes too long is as if it were allowed: it is not made smaller.
func quickly(history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(contract.ToModel(), split(history), impatience)
}

// split parts each change that has succeeded, or may have, into its halves.
func split(history []porcupine.Operation) []porcupine.Operation {
	var out []porcupine.Operation
	for _, o := range history {
		in, answer := o.Input.(input), o.Output.(output)
		versioned := in.op == "append" || becomes[in.op] != ""
		halves := []half{whole}
		switch succeeded := !answer.unknown && answer.status == success[in.op]; {
		case in.op == "get" || in.op == "access" || in.op == "force":
		case versioned && succeeded:
			halves = []half{ofVersion, ofSecret, telling}
		case versioned && answer.unknown:
			halves = []half{ofVersion, ofSecret}
		case succeeded:
			halves = []half{effect, telling}
		}
		for _, h := range halves {
			in.half, in.request = h, o.Call
			o.Input = in
			out = append(out, o)
		}
	}
	return out
}

// suspects are the requests of which a single one's answer, were it not known, would make the history
// one that is allowed.
func suspects(history []porcupine.Operation) map[int64]bool {
	out := map[int64]bool{}
	for i, o := range history {
		with := slices.Clone(history)
		with[i].Return, with[i].Output = math.MaxInt64, output{unknown: true}
		if quickly(with) == porcupine.Ok {
			out[o.Call] = true
		}
	}
	return out
}

// shrink makes a history of one place, which the contract does not allow, as small as can be without
// doing the service wrong: every step turns a history that is allowed into one that is, so that what is
// left cannot be allowed either. It cuts the history off at some moment, where what is under way may or
// may not happen; and it leaves out requests that have changed nothing, but for suspects. To leave out
// another one would make any service look wrong.
func shrink(history []porcupine.Operation) []porcupine.Operation {
	history = slices.SortedFunc(slices.Values(history), func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	ends := make([]int64, 0, len(history))
	for _, o := range history {
		ends = append(ends, o.Return)
	}
	slices.Sort(ends)
	shortest, _ := slices.BinarySearchFunc(ends, true, func(end int64, _ bool) int {
		if quickly(until(history, end)) == porcupine.Illegal {
			return 1
		}
		return -1
	})
	if shortest < len(ends) {
		history = until(history, ends[shortest])
	}
	suspect := suspects(history)
	for i := len(history) - 1; i >= 0; i-- {
		if changedNothing(history[i]) && !suspect[history[i].Call] {
			if less := slices.Delete(slices.Clone(history), i, i+1); quickly(less) == porcupine.Illegal {
				history = less
			}
		}
	}
	return history
}

// until is the history as it was known at some moment.
func until(history []porcupine.Operation, end int64) []porcupine.Operation {
	var out []porcupine.Operation
	for _, o := range history {
		if o.Call > end {
			continue
		}
		if o.Return > end {
			o.Return, o.Output = math.MaxInt64, output{unknown: true}
		}
		out = append(out, o)
	}
	return out
}

// changedNothing reports whether a request was a read, or was refused.
func changedNothing(o porcupine.Operation) bool {
	in, out := o.Input.(input), o.Output.(output)
	return in.op == "get" || in.op == "access" || !out.unknown && out.status >= 400
}
