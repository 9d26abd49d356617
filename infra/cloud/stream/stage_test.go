package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/template"
)

var (
	noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

	errDied     = &lambda.FunctionError{Payload: []byte(`{"errorType":"Runtime.ExitError"}`)}
	errStanding = errors.New("the functions are shutting down")
)

// play is a function: it gets records by their numbers and returns its response.
type play func(numbers []string) (response string, err error)

// stage is a delivery to a played function. It keeps the numbers of each invocation, like "1 2 3", and
// for each loss its condition and its attempts.
type stage struct {
	delivery
	batches []string
	reached []string
	losses  []string
	slept   []time.Duration
	clock   time.Time
}

func newStage(source template.Stream, p play) *stage {
	s := &stage{clock: noon}
	s.delivery = delivery{
		source: source, since: noon.Add(-24 * time.Hour),
		now: func() time.Time { return s.clock },
		sleep: func(d time.Duration) error {
			s.slept = append(s.slept, d)
			s.clock = s.clock.Add(d)
			return nil
		},
		invoke: func(event []byte) ([]byte, error) {
			numbers := numbersIn(event)
			s.batches = append(s.batches, strings.Join(numbers, " "))
			response, err := p(numbers)
			return []byte(response), err
		},
		done: func(it item) error { s.reached = append(s.reached, it.sequence); return nil },
		giveUp: func(l loss) error {
			s.losses = append(s.losses, fmt.Sprint(numbersOf(l.items), " ", l.condition, " ", l.invocations, " ", l.functionError))
			return nil
		},
	}
	return s
}

// work delivers records 1 to n, all made at noon.
func (s *stage) work(t *testing.T, n int) {
	t.Helper()
	if err := s.batch(records(n)); err != nil {
		t.Fatal(err)
	}
}

func records(n int) []item {
	var all []item
	for i := range n {
		number := fmt.Sprint(i + 1)
		all = append(all, item{sequence: number, created: noon, json: []byte(`{"dynamodb":{"SequenceNumber":"` + number + `"}}`)})
	}
	return all
}

func numbersIn(event []byte) []string {
	var read struct{ Records []record }
	if err := json.Unmarshal(event, &read); err != nil {
		panic(err)
	}
	var all []string
	for _, r := range read.Records {
		all = append(all, r.Change.Sequence)
	}
	return all
}

func numbersOf(items []item) []string { return numbersIn(event(items)) }

func (s *stage) saw(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(s.batches, want) {
		t.Errorf("the function was given %q, want %q", s.batches, want)
	}
}

func (s *stage) lost(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(s.losses, want) {
		t.Errorf("given up: %q, want %q", s.losses, want)
	}
}

func failing(numbers ...string) string {
	var all []string
	for _, n := range numbers {
		all = append(all, `{"itemIdentifier":"`+n+`"}`)
	}
	return `{"batchItemFailures":[` + strings.Join(all, ",") + `]}`
}

// poisoned reports one record as failed.
func poisoned(number string) play {
	return func(numbers []string) (string, error) {
		if slices.Contains(numbers, number) {
			return failing(number), nil
		}
		return `{}`, nil
	}
}

// firstTime returns this for the first invocation and succeeds from then on.
func firstTime(response string, err error) play {
	begun := false
	return func([]string) (string, error) {
		if begun {
			return "", nil
		}
		begun = true
		return response, err
	}
}

// plain is a stream without bounds.
var plain = template.Stream{Table: "ThingsTable", BatchSize: 100, MaxRetries: template.Forever, MaxAge: template.Forever}

func with(changes ...func(*template.Stream)) template.Stream {
	s := plain
	for _, change := range changes {
		change(&s)
	}
	return s
}

func reporting(s *template.Stream) { s.ReportsFailures = true }
func bisecting(s *template.Stream) { s.Bisect = true }
func retries(n int) func(*template.Stream) {
	return func(s *template.Stream) { s.MaxRetries = n }
}

func aged(d time.Duration) func(*template.Stream) {
	return func(s *template.Stream) { s.MaxAge = d }
}
