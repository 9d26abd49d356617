package page

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// bar is a value in a chart. Before is that of the page before, Goal the most that it should be; 0: none.
type bar struct {
	label               string
	value, before, goal float64
}

// Charts returns the charts of the page, by the names of their files.
func Charts(before, now Figures) map[string]string {
	return map[string]string{
		"performance-warm.svg":   warmChart(before, now),
		"performance-cold.svg":   coldChart(before, now),
		"performance-growth.svg": growthChart(now),
	}
}

func warmChart(before, now Figures) string {
	was := map[string]float64{}
	for _, w := range before.Warm {
		was[w.Operation] = w.Ratio
	}
	var bars []bar
	for _, w := range now.Warm {
		bars = append(bars, bar{w.Operation, w.Ratio, was[w.Operation], Goals[w.Operation]})
	}
	return chart("Processor time of a warm call, to a bare function's", bars)
}

func coldChart(before, now Figures) string {
	was := map[string]float64{}
	for _, c := range before.Cold {
		was[c.Operation] = c.FirstToBare
	}
	var bars []bar
	for _, c := range now.Cold {
		bars = append(bars, bar{c.Operation, c.FirstToBare, was[c.Operation], 0})
	}
	return chart("How long a first call takes, to a bare function's", bars)
}

func growthChart(now Figures) string {
	var bars []bar
	for _, g := range now.Growth {
		if g.Rows > 1000 && g.Deleted > 0 {
			bars = append(bars, bar{g.Question + ", " + thousands(g.Rows) + " rows", g.Ratio, 0, 0})
		}
	}
	return chart("Processor time as the table grows, to a table of 100 rows", bars)
}

// The chart's measures, in pixels.
const (
	width, left, right = 780, 290, 60
	top, line          = 56, 24
)

const style = `<style>
text{font:13px system-ui,sans-serif;fill:#1f2328}.now{fill:#0969da}.before{fill:#afb8c1}.one{stroke:#656d76}.goal{stroke:#bc4c00;stroke-width:2}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.now{fill:#58a6ff}.before{fill:#484f58}.one{stroke:#8b949e}.goal{stroke:#f0883e}}
</style>
`

// chart draws horizontal bars, from 0. A line is where both cost the same.
func chart(title string, bars []bar) string {
	most := 1.0
	for _, b := range bars {
		most = max(most, b.value, b.before, b.goal)
	}
	at := func(value float64) float64 { return left + value/most*(width-left-right) }
	height := top + line*len(bars) + 12
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="title desc">`+"\n", width, height)
	fmt.Fprintf(&out, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n%s", escape(title), escape(describe(bars)), style)
	fmt.Fprintf(&out, `<text x="12" y="22" font-weight="bold">%s</text>`+"\n", escape(title))
	fmt.Fprintf(&out, `<text x="12" y="42">blue: now; grey: the page before; orange: goal; the line: 1</text>`+"\n")
	for i, b := range bars {
		y := top + line*i
		fmt.Fprintf(&out, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", left-8, y+15, escape(b.label))
		if b.before > 0 {
			fmt.Fprintf(&out, `<rect class="before" x="%d" y="%d" width="%.1f" height="4"/>`+"\n", left, y+17, at(b.before)-left)
		}
		fmt.Fprintf(&out, `<rect class="now" x="%d" y="%d" width="%.1f" height="12"/>`+"\n", left, y+4, at(b.value)-left)
		if b.goal > 0 {
			fmt.Fprintf(&out, `<line class="goal" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`+"\n", at(b.goal), at(b.goal), y+2, y+18)
		}
		fmt.Fprintf(&out, `<text x="%.1f" y="%d">%s</text>`+"\n", at(max(b.value, b.goal))+6, y+15, decimal(b.value))
	}
	fmt.Fprintf(&out, `<line class="one" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`+"\n</svg>\n", at(1), at(1), top, height-8)
	return out.String()
}

// describe says the chart in words, for those who cannot see it.
func describe(bars []bar) string {
	parts := make([]string, len(bars))
	for i, b := range bars {
		parts[i] = b.label + " " + decimal(b.value)
	}
	return strings.Join(parts, "; ") + "."
}

func escape(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a strings.Builder takes all
	return out.String()
}
