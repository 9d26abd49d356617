package page

import (
	"fmt"
	"math"
)

// tolerance is how much worse a ratio may be than before until it is said in words.
const tolerance = 1.15

// ratio is a figure that another run's can be compared with. Less is better.
type ratio struct {
	name  string
	value float64
}

// ratios lists those figures.
func (f Figures) ratios() []ratio {
	var all []ratio
	for _, w := range f.Warm {
		all = append(all, ratio{"the processor time of a warm " + w.Operation + ", to a bare function's", w.Ratio})
		if hello := w.Memory[2].Warm; hello > 0 {
			all = append(all, ratio{"the memory of " + w.Operation + ", to an empty function's", float64(w.Memory[0].Warm) / float64(hello)})
		}
	}
	for _, c := range f.Cold {
		all = append(all,
			ratio{"the first call of " + c.Operation + ", to a bare function's", c.FirstToBare},
			ratio{"the start of " + c.Operation + ", to an empty function's", c.StartToHello})
	}
	for _, c := range f.Counted {
		all = append(all,
			ratio{"the read units of " + c.Case, c.ReadUnits}, ratio{"the write units of " + c.Case, c.WriteUnits},
			ratio{"the steps of " + c.Case, float64(len(c.Steps))}, ratio{"the log of " + c.Case, float64(c.LogBytes)})
	}
	for _, g := range f.Growth {
		if g.Rows > 1000 {
			name := fmt.Sprintf("the processor time of %s with %s rows, %.0f %% deleted, to a small table's", g.Question, thousands(g.Rows), 100*g.Deleted)
			all = append(all, ratio{name, g.Ratio})
		}
	}
	return all
}

// Worse says in a sentence each which ratios are more than 15 % worse than before.
func Worse(before, now Figures) []string {
	was := map[string]float64{}
	for _, r := range before.ratios() {
		was[r.name] = r.value
	}
	var out []string
	for _, r := range now.ratios() {
		if old := was[r.name]; old > 0 && r.value > old*tolerance {
			out = append(out, fmt.Sprintf("%s: %s; it was %s (%.0f %% worse).", capital(r.name), decimal(r.value), decimal(old), math.Round(100*(r.value/old-1))))
		}
	}
	return out
}

func capital(text string) string { return string(text[0]-'a'+'A') + text[1:] }
