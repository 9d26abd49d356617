// Package columns prints rows of cells for people.
package columns

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Time formats a time as a cell, to the second. Such cells sort.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// Write prints one line a row, with its cells in columns. Cells may hold text that others chose: it is
// quoted, so that it can neither break the line nor control the terminal.
func Write(out io.Writer, rows [][]string) error {
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = plain(cell)
		}
		// Flush returns the error.
		_, _ = fmt.Fprintln(columns, strings.Join(cells, "\t"))
	}
	return columns.Flush()
}

func plain(text string) string {
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}
