package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"keepsake/infra/template/resolve"
)

// Schedule starts a function again and again.
type Schedule struct {
	Name string
	Rate time.Duration
}

// ARN returns the schedule's ARN.
func (s Schedule) ARN() string { return arn("scheduler", "schedule/default/"+s.Name) }

// readSchedule reads an event that is a schedule.
func readSchedule(properties resolve.Value) (Schedule, error) {
	var written struct {
		Name       string         `yaml:"Name"`
		Expression string         `yaml:"ScheduleExpression"`
		Role       any            `yaml:"RoleArn"`     // the laptop starts functions as nobody
		Retry      any            `yaml:"RetryPolicy"` // and only once
		Others     map[string]any `yaml:",inline"`
	}
	if err := properties.Decode(&written); err != nil {
		return Schedule{}, err
	}
	for _, other := range slices.Sorted(maps.Keys(written.Others)) {
		return Schedule{}, fmt.Errorf("%s is not supported in a schedule: leave it out", other)
	}
	if written.Name == "" {
		return Schedule{}, errors.New("a schedule must have a Name")
	}
	rate, err := readRate(written.Expression)
	return Schedule{Name: written.Name, Rate: rate}, err
}

// units are what a rate counts, in the singular.
var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// readRate reads rate(1 minute), rate(2 hours) and the like. Times of day are not supported.
func readRate(expression string) (time.Duration, error) {
	inner, ok := strings.CutPrefix(strings.TrimSuffix(expression, ")"), "rate(")
	count, unit, both := strings.Cut(inner, " ")
	n, err := strconv.Atoi(count)
	length := units[strings.TrimSuffix(unit, "s")]
	if !ok || !both || err != nil || n < 1 || length == 0 || !strings.HasSuffix(expression, ")") {
		return 0, fmt.Errorf("the schedule %q is not supported: write it like rate(5 minutes)", expression)
	}
	return time.Duration(n) * length, nil
}
