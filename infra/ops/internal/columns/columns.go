// Package columns prints rows of words for people.
package columns

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Time is an instant as it stands in a cell, to the second: columns of it sort.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// Write prints a row a line, its cells in columns. What a cell says was chosen by others: it can
// neither break the line nor harm a terminal.
func Write(out io.Writer, rows [][]string) error {
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = plain(cell)
		}
		// The tabwriter keeps what fails for Flush.
		_, _ = fmt.Fprintln(columns, strings.Join(cells, "\t"))
	}
	return columns.Flush()
}

func plain(text string) string {
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}
