// Package markdown writes the parts of pages that programs make.
package markdown

import "strings"

// Table returns a table without a line's end. The first row is its head.
func Table(rows [][]string) string {
	var out strings.Builder
	for i, cells := range rows {
		for _, cell := range cells {
			out.WriteString(strings.TrimSuffix("| "+cell, " ") + " ")
		}
		out.WriteString("|\n")
		if i == 0 {
			out.WriteString("|" + strings.Repeat("---|", len(cells)) + "\n")
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// Thousands writes the digits of a whole number with commas: 1000000 as 1,000,000.
func Thousands(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
