package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"keepsake/infra/cli/client"
	"keepsake/infra/cli/service"
)

// table is what a command prints of many things: a table on a terminal, lines with tabs for programs.
type table struct {
	heads []string
	rows  [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print prints data as JSON if that is asked for, else the table.
func (a *app) print(data any, t table) error {
	switch {
	case a.json:
		return a.printJSON(data)
	case isTerminal(a.out):
		return t.columns(a.out, a.getenv("NO_COLOR") == "")
	}
	return t.lines(a.out)
}

func (a *app) printJSON(data any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(data)
}

// say prints data as JSON if that is asked for, else the sentence.
func (a *app) say(data any, format string, args ...any) error {
	if a.json {
		return a.printJSON(data)
	}
	_, err := fmt.Fprintf(a.out, format+"\n", args...)
	return err
}

func (t table) columns(out io.Writer, colours bool) error {
	var text strings.Builder
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{t.heads}, t.rows...) {
		_, _ = fmt.Fprintln(columns, strings.Join(plain(row), "\t"))
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	head, rows, _ := strings.Cut(text.String(), "\n")
	if colours {
		head = "\x1b[1m" + head + "\x1b[0m"
	}
	_, err := fmt.Fprintln(out, head+"\n"+strings.TrimSuffix(rows, "\n"))
	return err
}

func (t table) lines(out io.Writer) error {
	for _, row := range t.rows {
		if _, err := fmt.Fprintln(out, strings.Join(plain(row), "\t")); err != nil {
			return err
		}
	}
	return nil
}

// plain quotes what others chose, so that it can neither break a line nor control the terminal.
func plain(row []string) []string {
	out := make([]string, len(row))
	for i, cell := range row {
		quoted := strconv.Quote(cell)
		out[i] = strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
	}
	return out
}

// moment formats a time of the API: in UTC, so that it sorts and can be compared with the log.
func moment(seconds client.Time) string { return service.Time(seconds).Format(time.RFC3339) }

func maybeMoment(seconds *client.Time) string {
	if seconds == nil {
		return "-"
	}
	return moment(*seconds)
}

func maybe(text *string) string {
	if text == nil {
		return "-"
	}
	return *text
}
