package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Forever is MaxRetries and MaxAge of a stream that knows no bound.
const Forever = -1

// Stream starts a function on what changes in a table: an event source mapping.
type Stream struct {
	Table           string        // its logical id
	ARN             string        // the stream's, as the template and the functions know it
	BatchSize       int           // at most so many records at a time
	MaxRetries      int           // beyond the first attempt; or Forever
	MaxAge          time.Duration // of a record that is still tried; or Forever
	Bisect          bool          // a batch that failed is tried again in halves
	ReportsFailures bool          // the function's answer names the first record that failed
	Filters         []string      // JSON patterns, one of which a record must fit; none: all do
	DeadLetters     string        // the queue that is told of records that were given up; may be empty
}

// writtenStream is a Stream as SAM has it.
type writtenStream struct {
	Stream     string   `yaml:"Stream"`
	Start      string   `yaml:"StartingPosition"`
	BatchSize  int      `yaml:"BatchSize"`
	MaxRetries int      `yaml:"MaximumRetryAttempts"`
	MaxSeconds int      `yaml:"MaximumRecordAgeInSeconds"`
	Bisect     bool     `yaml:"BisectBatchOnFunctionError"`
	Answers    []string `yaml:"FunctionResponseTypes"`
	Failures   struct {
		Queue struct {
			Type string `yaml:"Type"`
			ARN  string `yaml:"Destination"`
		} `yaml:"OnFailure"`
	} `yaml:"DestinationConfig"`
	Criteria struct {
		Filters []struct {
			Pattern string `yaml:"Pattern"`
		} `yaml:"Filters"`
	} `yaml:"FilterCriteria"`
	Others map[string]any `yaml:",inline"`
}

// streams reads the events that are a table's changes.
func streams(events map[string]event) ([]Stream, error) {
	var all []Stream
	for _, id := range slices.Sorted(maps.Keys(events)) {
		e := events[id]
		if e.Type != "DynamoDB" {
			continue
		}
		written := writtenStream{BatchSize: 100, MaxRetries: Forever, MaxSeconds: Forever} // AWS's own
		if err := e.Properties.Decode(&written); err != nil {
			return nil, err
		}
		s, err := written.read()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", e.Properties.Line, err)
		}
		all = append(all, s)
	}
	return all, nil
}

func (w writtenStream) read() (Stream, error) {
	for _, other := range slices.Sorted(maps.Keys(w.Others)) {
		return Stream{}, fmt.Errorf("the laptop cloud does not know %s of a stream", other)
	}
	s := Stream{
		ARN: w.Stream, BatchSize: w.BatchSize, MaxRetries: w.MaxRetries, MaxAge: Forever, Bisect: w.Bisect,
		ReportsFailures: slices.Contains(w.Answers, "ReportBatchItemFailures"),
	}
	if w.MaxSeconds != Forever {
		s.MaxAge = time.Duration(w.MaxSeconds) * time.Second
	}
	for _, filter := range w.Criteria.Filters {
		s.Filters = append(s.Filters, filter.Pattern)
	}
	table, isTable := strings.CutPrefix(w.Stream, TableARN(""))
	queue, isQueue := strings.CutPrefix(w.Failures.Queue.ARN, QueueARN(""))
	var isStream bool
	s.Table, isStream = strings.CutSuffix(table, streamSuffix)
	s.DeadLetters = queue
	switch {
	case !isTable || !isStream:
		return s, fmt.Errorf("the Stream is the StreamArn of a table, not %q", w.Stream)
	case w.Start != "TRIM_HORIZON":
		return s, errors.New("the laptop cloud reads a stream from TRIM_HORIZON")
	case w.BatchSize < 1 || w.MaxRetries < Forever || w.MaxSeconds < Forever || w.MaxSeconds == 0:
		return s, errors.New("a stream's BatchSize is 1 at least, its bounds are -1 or more")
	case !isQueue && w.Failures.Queue.ARN != "":
		return s, fmt.Errorf("the laptop cloud tells queues of failures, not %q", w.Failures.Queue.ARN)
	}
	return s, nil
}

// checkStreams finds a function that is to read what no table writes.
func (t *Template) checkStreams() error {
	for _, f := range t.Functions {
		for _, s := range f.Streams {
			writes := func(table Table) bool { return table.Name == s.Table && table.Stream.View != "" }
			if !slices.ContainsFunc(t.Tables, writes) {
				return fmt.Errorf("%s: the table %s has no StreamSpecification", f.LogicalID, s.Table)
			}
		}
	}
	return nil
}
