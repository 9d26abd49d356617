package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"keepsake/infra/ops/internal/columns"
	"keepsake/shared/audit"
	"keepsake/shared/secret"
)

// write prints the lines in columns: time, operation, outcome, version, principal, and the rest.
func write(out io.Writer, lines []audit.Line) error {
	var rows [][]string
	for _, l := range lines {
		rows = append(rows, []string{columns.Time(l.By.At), l.By.Operation, outcome(l), versions(l), l.By.Principal, rest(l)})
	}
	return columns.Write(out, rows)
}

func outcome(l audit.Line) string {
	if l.Reason == "" {
		return string(l.Outcome)
	}
	return fmt.Sprintf("%s (%s)", l.Outcome, l.Reason)
}

func versions(l audit.Line) string {
	switch {
	case l.Purge != nil && l.Purge.Versions == 1:
		return "1 version"
	case l.Purge != nil:
		return fmt.Sprintf("%d versions", l.Purge.Versions)
	case l.Version == "":
		return "version -"
	}
	return "version " + l.Version
}

// rest says where a request came from, or why a purge ran, and which trace it is part of.
func rest(l audit.Line) string {
	words := source(l.By)
	if l.Purge != nil {
		words = cause(*l.Purge)
	}
	if l.By.TraceID != "" {
		words = append(words, "trace "+l.By.TraceID)
	}
	return strings.Join(words, ", ")
}

// cause says why a purge ran.
func cause(p audit.Purge) []string {
	words := []string{"not by a delete: see the runbooks"}
	if p.Mechanism != "" {
		words[0] = "by " + string(p.Mechanism)
	}
	if p.DeletedBy != "" {
		words = append(words, "deleted by "+p.DeletedBy)
	}
	if !p.DeletedAt.IsZero() {
		words = append(words, "deleted at "+columns.Time(p.DeletedAt))
	}
	return words
}

// source says where a request came from.
func source(by secret.Stamp) []string {
	var words []string
	switch from, gateway := by.ViewerIP, by.SourceIP; {
	case from != "" && gateway != "" && from != gateway:
		words = append(words, "from "+from+" by way of "+gateway)
	case from+gateway != "":
		words = append(words, "from "+cmp.Or(from, gateway))
	}
	if by.RequestID != "" {
		words = append(words, "request "+by.RequestID)
	}
	return words
}
