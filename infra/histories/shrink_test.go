package histories

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// patience is how long the checker may search for an order of one slot's requests.
const patience = 2 * time.Minute

// impatience is how long each of the hundred or so searches may take while a history is shrunk.
const impatience = time.Second

func check(history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(contract.ToModel(), split(history), patience)
}

// quickly is check with less time, for shrinking. A history that takes too long counts as allowed: it is
// not shrunk further.
func quickly(history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(contract.ToModel(), split(history), impatience)
}

// split splits each change that has succeeded, or may have, into its halves.
func split(history []porcupine.Operation) []porcupine.Operation {
	var out []porcupine.Operation
	for _, o := range history {
		in, result := o.Input.(input), o.Output.(output)
		versioned := in.op == "append" || becomes[in.op] != ""
		halves := []half{whole}
		switch succeeded := !result.unknown && result.status == success[in.op]; {
		case in.op == "get" || in.op == "access" || in.op == "force":
		case versioned && succeeded:
			halves = []half{ofVersion, ofSecret, response}
		case versioned && result.unknown:
			halves = []half{ofVersion, ofSecret}
		case succeeded:
			halves = []half{effect, response}
		}
		for _, h := range halves {
			in.half, in.request = h, o.Call
			o.Input = in
			out = append(out, o)
		}
	}
	return out
}

// suspects returns the requests that may be at fault: if the response of that one alone were unknown, the
// history would be allowed.
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

// shrink makes a history of one slot that the contract does not allow as small as it can. Each step would
// turn an allowed history into an allowed one, so the result shows a real fault. shrink cuts the history
// off at some moment; a request under way at that moment may or may not happen. Then it leaves out
// requests that have changed nothing, except suspects. To leave out any other request would make a
// correct service look wrong.
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

// until returns the history as it was known at the moment end.
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
