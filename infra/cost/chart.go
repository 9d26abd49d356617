package main

import (
	"fmt"
	"math"
	"strings"
)

// The chart's field in pixels, and what its logarithmic axes span.
const (
	left, top, right, bottom = 90.0, 50.0, 690.0, 410.0
	fewest, most             = 3.0, 9.0 // accesses a month: a thousand to a billion
	lowest, highest          = 0.0, 5.0 // secrets: one to 100,000
)

func across(accesses float64) float64 {
	return left + (math.Log10(accesses)-fewest)/(most-fewest)*(right-left)
}

// up is where a number of secrets is; fewer than one is at the bottom.
func up(secrets float64) float64 {
	share := (math.Log10(max(1, secrets)) - lowest) / (highest - lowest)
	return bottom - min(1, share)*(bottom-top)
}

// chart draws where Secrets Manager is cheaper. Its colours fit a light and a dark page.
func chart(m model) string {
	var out strings.Builder
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 470" role="img" aria-labelledby="title desc">
<title id="title">Where Secrets Manager is cheaper</title>
`)
	fmt.Fprintf(&out, "<desc id=\"desc\">%s</desc>\n", m.description())
	out.WriteString(`<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.grid { stroke: #8c959f; stroke-opacity: .35 }
.theirs { fill: #bc4c00; fill-opacity: .16 }
.first { fill: none; stroke: #bc4c00; stroke-width: 2.5 }
.year { fill: none; stroke: #0969da; stroke-width: 2; stroke-dasharray: 7 5 }
.cached { fill: none; stroke: #1a7f37; stroke-width: 2; stroke-dasharray: 2 4 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .theirs { fill: #f0883e; fill-opacity: .2 }
  .first { stroke: #f0883e }
  .year { stroke: #58a6ff }
  .cached { stroke: #3fb950 }
}
</style>
`)
	drawGrid(&out)
	border := m.points(firstMonth)
	fmt.Fprintf(&out, "<polygon class=\"theirs\" points=\"%s %.1f,%.1f %.1f,%.1f\"/>\n", border, right, bottom, left, bottom)
	for _, l := range []struct {
		class string
		kind  kind
	}{{"first", firstMonth}, {"year", afterAYear}, {"cached", withCache}} {
		fmt.Fprintf(&out, "<polyline class=\"%s\" points=\"%s\"/>\n", l.class, m.points(l.kind))
	}
	drawWords(&out)
	out.WriteString("</svg>\n")
	return out.String()
}

func drawGrid(out *strings.Builder) {
	for power := fewest; power <= most; power++ {
		x := across(math.Pow(10, power))
		fmt.Fprintf(out, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", x, top, x, bottom)
		name := []string{"1,000", "10,000", "100,000", "1 million", "10 million", "100 million", "1 billion"}[int(power-fewest)]
		fmt.Fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n", x, bottom+20, name)
	}
	for power := lowest; power <= highest; power++ {
		y := up(math.Pow(10, power))
		fmt.Fprintf(out, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", left, y, right, y)
		fmt.Fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", left-8, y+4, whole(math.Pow(10, power)))
	}
}

func drawWords(out *strings.Builder) {
	for _, w := range []struct {
		x, y float64
		text string
	}{
		{left, 30, "secrets"},
		{right - 130, bottom + 45, "accesses a month"},
		{left + 60, up(1000), "Keepsake is cheaper"},
		{left + 60, up(4), "Secrets Manager is cheaper"},
	} {
		fmt.Fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", w.x, w.y, w.text)
	}
	for _, l := range []struct {
		x           float64
		class, text string
	}{{165, "first", "break-even, first month"}, {375, "year", "after a year"}, {505, "cached", "first month, keys cached"}} {
		fmt.Fprintf(out, "<line class=\"%s\" x1=\"%.0f\" y1=\"26\" x2=\"%.0f\" y2=\"26\"/><text x=\"%.0f\" y=\"30\">%s</text>\n",
			l.class, l.x, l.x+28, l.x+34, l.text)
	}
}

// points are a border's corners, eight for each power of ten.
func (m model) points(k kind) string {
	var all []string
	for i := 0; i <= int(most-fewest)*8; i++ {
		accesses := math.Pow(10, fewest+float64(i)/8)
		all = append(all, fmt.Sprintf("%.1f,%.1f", across(accesses), up(m.breakEven(k, accesses))))
	}
	return strings.Join(all, " ")
}

func (m model) description() string {
	at := func(k kind, accesses float64) string { return whole(math.Ceil(max(0, m.breakEven(k, accesses)))) }
	return fmt.Sprintf("A chart with logarithmic axes: accesses a month from a thousand to a billion, secrets from one to 100,000. "+
		"Below the first line Secrets Manager is cheaper: with less than %s secrets if there are hardly any accesses, %s at a million accesses a month, "+
		"%s at 100 million. After a year the line is higher: %s at 100 million. With cached data keys it falls: %s at 1 million, %s at 100 million.",
		at(firstMonth, 1), at(firstMonth, 1e6), at(firstMonth, 100e6), at(afterAYear, 100e6), at(withCache, 1e6), at(withCache, 100e6))
}
