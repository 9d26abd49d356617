package histories

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// patience is how long the checker may look for an order of one place's requests.
const patience = 30 * time.Second

func check(history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(contract.ToModel(), split(history), patience)
}

// split parts each change that has succeeded into its two halves.
func split(history []porcupine.Operation) []porcupine.Operation {
	var out []porcupine.Operation
	for _, o := range history {
		in, answer := o.Input.(input), o.Output.(output)
		reads := in.op == "get" || in.op == "access" || in.op == "force"
		if reads || answer.unknown || answer.status != success[in.op] {
			out = append(out, o)
			continue
		}
		for _, h := range []half{effect, telling} {
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
		if check(with) == porcupine.Ok {
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
		if check(until(history, end)) == porcupine.Illegal {
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
			if less := slices.Delete(slices.Clone(history), i, i+1); check(less) == porcupine.Illegal {
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
