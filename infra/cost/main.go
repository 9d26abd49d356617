// cost writes the page about cost: make cost counts what each operation asks of AWS, multiplies it by the
// prices of prices.json and writes infra/docs/cost.md and its chart, infra/docs/cost.svg.
//
// page.md.tmpl has the page's prose, which is written by hand. counts.json has the counts of the last run.
// A test fails if the page is not what these files give, or if the code now makes other counts.
package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"

	"keepsake/infra/bench/count"
	"keepsake/infra/bench/stage"
	"keepsake/infra/cloud/host"
)

// The files of this program, from the repository's root.
const (
	pricesFile   = "infra/cost/prices.json"
	countsFile   = "infra/cost/counts.json"
	templateFile = "infra/cost/page.md.tmpl"
	pageFile     = "infra/docs/cost.md"
	chartFile    = "infra/docs/cost.svg"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := rewrite(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// rewrite counts anew and writes the counts, the page and the chart.
func rewrite(ctx context.Context) error {
	root, err := host.FindUp("go.mod")
	if err != nil {
		return err
	}
	before, err := readData(root)
	if err != nil {
		return err
	}
	counts, err := measure(ctx)
	if err != nil {
		return err
	}
	if err := writeCounts(filepath.Join(root, countsFile), settle(before.Counts, counts)); err != nil {
		return err
	}
	data, err := readData(root)
	if err != nil {
		return err
	}
	page, err := writePage(root, data)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, pageFile), page, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, chartFile), []byte(chart(newModel(data))), 0o644)
}

// settle keeps a stored length while the fresh one is as good as equal: a line has times and ids in it, and
// these must not change the page.
func settle(stored, fresh []count.Count) []count.Count {
	old := map[string]count.Count{}
	for _, c := range stored {
		old[c.Case] = c
	}
	for i, c := range fresh {
		was := old[c.Case]
		if near(was.LogBytes, c.LogBytes, 0.03) {
			fresh[i].LogBytes = was.LogBytes
		}
		if near(was.ResponseBytes, c.ResponseBytes, 0.03) {
			fresh[i].ResponseBytes = was.ResponseBytes
		}
	}
	return fresh
}

// near reports whether b differs from a by no more than this share of a.
func near(a, b int, share float64) bool { return math.Abs(float64(a-b)) <= share*float64(a) }

// measure counts each case on a small AWS of its own.
func measure(ctx context.Context) ([]count.Count, error) {
	s, err := stage.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return count.All(ctx, s)
}
