package page

import (
	"fmt"
	"slices"
	"strings"
)

func growthPart(out *strings.Builder, now Figures) {
	if len(now.Growth) == 0 {
		return
	}
	out.WriteString(`## Growth

The same question to tables of other sizes; a secret has two rows. Each cell has read units · write units · the
function's processor time, to that with the first table (of the trash: with the first that has any). How long the
engine takes is not here: it says nothing about DynamoDB. "ROWS=1000000 make bench" asks a table of a million rows, which
takes four to ten minutes more to write.

![Processor time as the table grows](performance-growth.svg)

`)
	head, cells, steps := []string{""}, map[string][]string{}, map[string][]int{}
	var questions []string
	for _, g := range now.Growth {
		if !slices.Contains(questions, g.Question) {
			questions = append(questions, g.Question)
		}
		if g.Question == questions[0] {
			head = append(head, tableOf(g))
		}
		cells[g.Question] = append(cells[g.Question], units(g.ReadUnits)+" · "+units(g.WriteUnits)+" · "+decimal(g.Ratio))
		steps[g.Question] = append(steps[g.Question], g.Steps)
	}
	var rows [][]string
	for _, q := range questions {
		rows = append(rows, append(append([]string{q}, cells[q]...), fromTo(steps[q])))
	}
	table(out, append(head, "steps"), rows)
}

// tableOf describes the table that was asked.
func tableOf(g Growth) string {
	text := thousands(g.Rows) + " rows"
	if g.Deleted > 0 {
		text += fmt.Sprintf(", %.0f %% deleted", 100*g.Deleted)
	}
	if g.Versions > 1000 {
		text += ", a secret of " + thousands(g.Versions) + " versions"
	}
	return text
}

// fromTo writes the least and the most.
func fromTo(all []int) string {
	least, most := slices.Min(all), slices.Max(all)
	if least == most {
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}
