package template

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Schedule starts a function again and again.
type Schedule struct {
	Name string
	Rate time.Duration
}

// ARN is the schedule's name in full.
func (s Schedule) ARN() string { return arn("scheduler", "schedule/default/"+s.Name) }

// schedules reads the events that are schedules and not switched off.
func schedules(events map[string]event) ([]Schedule, error) {
	var all []Schedule
	for _, id := range slices.Sorted(maps.Keys(events)) {
		e := events[id]
		if e.Type != "ScheduleV2" {
			continue
		}
		written := struct {
			Name       string `yaml:"Name"`
			Expression string `yaml:"ScheduleExpression"`
			State      string `yaml:"State"`
		}{Name: id}
		if err := e.Properties.Decode(&written); err != nil {
			return nil, err
		}
		every, err := rate(written.Expression)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", e.Properties.Line, err)
		}
		if written.State != "DISABLED" {
			all = append(all, Schedule{Name: written.Name, Rate: every})
		}
	}
	return all, nil
}

// units are what a rate counts, in the singular.
var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// rate reads rate(1 minute), rate(2 hours) and the like. A time of day needs no laptop.
func rate(expression string) (time.Duration, error) {
	inner, ok := strings.CutPrefix(strings.TrimSuffix(expression, ")"), "rate(")
	count, unit, both := strings.Cut(inner, " ")
	n, err := strconv.Atoi(count)
	length := units[strings.TrimSuffix(unit, "s")]
	if !ok || !both || err != nil || n < 1 || length == 0 || !strings.HasSuffix(expression, ")") {
		return 0, fmt.Errorf("the laptop cloud knows schedules like rate(5 minutes), not %q", expression)
	}
	return time.Duration(n) * length, nil
}
