package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"keepsake/infra/template/resolve"
)

// Forever is the MaxRetries or the MaxAge of a stream that has no such bound.
const Forever = -1

// Stream starts a function on what changes in a table: an event source mapping.
type Stream struct {
	Table           string        // its logical id
	ARN             string        // of the stream
	BatchSize       int           // the most records in one call
	MaxRetries      int           // after the first attempt; or Forever
	MaxAge          time.Duration // an older record is given up; or Forever
	Bisect          bool          // split a failed batch and try both halves
	ReportsFailures bool          // the function's response names the first record that failed
	Filters         []string      // JSON patterns: a record must fit one of them, unless there are none
	DeadLetters     string        // the queue that gets a message for records that are given up; may be empty
}

// writtenStream is a Stream as SAM writes it.
type writtenStream struct {
	Stream     string   `yaml:"Stream"`
	Start      string   `yaml:"StartingPosition"`
	BatchSize  int      `yaml:"BatchSize"`
	MaxRetries int      `yaml:"MaximumRetryAttempts"`
	MaxSeconds int      `yaml:"MaximumRecordAgeInSeconds"`
	Bisect     bool     `yaml:"BisectBatchOnFunctionError"`
	Responses  []string `yaml:"FunctionResponseTypes"`
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

// readStream reads an event that is a table's changes.
func readStream(properties resolve.Value) (Stream, error) {
	written := writtenStream{BatchSize: 100, MaxRetries: Forever, MaxSeconds: Forever} // AWS's defaults
	if err := properties.Decode(&written); err != nil {
		return Stream{}, err
	}
	return written.read()
}

func (w writtenStream) read() (Stream, error) {
	for _, other := range slices.Sorted(maps.Keys(w.Others)) {
		return Stream{}, fmt.Errorf("%s is not supported in a stream's event: leave it out", other)
	}
	s := Stream{
		ARN: w.Stream, BatchSize: w.BatchSize, MaxRetries: w.MaxRetries, MaxAge: Forever, Bisect: w.Bisect,
		ReportsFailures: slices.Contains(w.Responses, "ReportBatchItemFailures"),
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
		return s, fmt.Errorf("Stream is %q: it must be the StreamArn of a table", w.Stream)
	case w.Start != "TRIM_HORIZON":
		return s, errors.New("StartingPosition must be TRIM_HORIZON")
	case w.BatchSize < 1 || w.MaxRetries < Forever || w.MaxSeconds < Forever || w.MaxSeconds == 0:
		return s, errors.New("BatchSize must be 1 or more, the bounds of a stream -1 or more")
	case !isQueue && w.Failures.Queue.ARN != "":
		return s, fmt.Errorf("OnFailure is %q: it must be the Arn of a queue", w.Failures.Queue.ARN)
	}
	return s, nil
}
