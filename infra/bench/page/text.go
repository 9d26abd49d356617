package page

import (
	"fmt"
	"strconv"
	"strings"

	"keepsake/infra/markdown"
)

// decimal writes a ratio; 0 is one that was not measured.
func decimal(r float64) string {
	switch r {
	case 0:
		return "–"
	case float64(int(r)):
		return strconv.Itoa(int(r))
	}
	return strconv.FormatFloat(r, 'f', 2, 64)
}

// units writes capacity units, which may be none.
func units(u float64) string { return strconv.FormatFloat(u, 'f', -1, 64) }

// thousands writes 1000000 as 1,000,000.
func thousands(n int) string { return markdown.Thousands(strconv.Itoa(n)) }

func megabytes(bytes int) string { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }

// milliseconds writes a time, which may not have been measured.
func milliseconds(ms float64) string {
	if ms == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f ms", ms)
}

// sequence writes steps: calls of one step are joined by +, the same step several times is written once.
func sequence(steps [][]string) string {
	if len(steps) == 0 {
		return "no call"
	}
	var parts []string
	for i := 0; i < len(steps); {
		step, times := joined(steps[i]), 1
		for i+times < len(steps) && joined(steps[i+times]) == step {
			times++
		}
		if i += times; times > 1 {
			step = fmt.Sprintf("%d × %s", times, step)
		}
		parts = append(parts, step)
	}
	return strings.Join(parts, ", then ")
}

func joined(step []string) string {
	names := make([]string, len(step))
	for i, call := range step {
		_, names[i], _ = strings.Cut(call, ":")
	}
	return strings.Join(names, " + ")
}

// table writes a table of Markdown, and an empty line.
func table(out *strings.Builder, head []string, rows [][]string) {
	out.WriteString(markdown.Table(append([][]string{head}, rows...)) + "\n\n")
}
