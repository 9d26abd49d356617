package schedule

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keepsake/infra/template"
)

var tick = template.Schedule{Name: "stack-sweep-things", Rate: time.Minute}

var functions = []template.Function{
	{Name: "read-thing"},
	{Name: "sweep-things", Schedules: []template.Schedule{tick}},
	{Name: "hourly", Schedules: []template.Schedule{{Name: "stack-hourly", Rate: time.Hour}}},
}

// started counts the runs of functions. Each run takes the same time.
type started struct {
	mu     sync.Mutex
	runs   map[string]int
	beside int // the most at the same time
	takes  time.Duration
	fails  error
	event  []byte // the last one

	now int
}

func (s *started) invoke(ctx context.Context, function string, event []byte) ([]byte, error) {
	s.mu.Lock()
	s.runs[function]++
	s.now++
	s.beside = max(s.beside, s.now)
	s.event = event
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.now--
		s.mu.Unlock()
	}()
	select {
	case <-time.After(s.takes):
		return nil, s.fails
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// keepFor keeps the schedules for a time by a fake clock and returns the log.
func (s *started) keepFor(t *testing.T, d time.Duration) string {
	t.Helper()
	var log bytes.Buffer
	s.runs = map[string]int{}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		Run(ctx, functions, s.invoke, &log)
	})
	return log.String()
}

func TestEachScheduleTicksAtItsRate(t *testing.T) {
	s := &started{takes: time.Second}
	log := s.keepFor(t, 3*time.Hour+time.Second)
	if want := map[string]int{"sweep-things": 180, "hourly": 3}; !reflect.DeepEqual(s.runs, want) || log != "" {
		t.Errorf("runs %v, log %q", s.runs, log)
	}
}

func TestTheFirstTickComesAfterOnePeriod(t *testing.T) {
	s := &started{}
	if s.keepFor(t, 59*time.Second); len(s.runs) > 0 {
		t.Errorf("runs %v", s.runs)
	}
}

func TestATickSendsTheEventThatAWSDocuments(t *testing.T) {
	s := &started{}
	s.keepFor(t, 61*time.Second)
	var event events.EventBridgeEvent
	if err := json.Unmarshal(s.event, &event); err != nil {
		t.Fatal(err)
	}
	if event.Source != "aws.scheduler" || event.DetailType != "Scheduled Event" || event.Time.IsZero() || string(event.Detail) != `"{}"` || len(event.ID) != 36 ||
		!slices.Equal(event.Resources, []string{tick.ARN()}) || event.Region != template.Region || event.AccountID != template.Account {
		t.Errorf("the event is %s", s.event)
	}
}

func TestARunThatTakesLongHasNoOtherBesideIt(t *testing.T) {
	s := &started{takes: 150 * time.Second}
	s.keepFor(t, 50*time.Minute)
	if n := s.runs["sweep-things"]; s.beside != 1 || n < 15 || n > 25 {
		t.Errorf("%d runs, %d at the same time", n, s.beside)
	}
}

func TestAFailureIsLoggedAndTheNextTickComesAnyway(t *testing.T) {
	s := &started{fails: errors.New("no such function")}
	log := s.keepFor(t, 121*time.Second)
	if want := "schedule stack-sweep-things: no such function\n"; log != strings.Repeat(want, 2) {
		t.Errorf("log %q", log)
	}
}

func TestTheEndOfTheStackEndsARunSilently(t *testing.T) {
	s := &started{takes: time.Hour}
	if log := s.keepFor(t, 90*time.Second); log != "" || s.runs["sweep-things"] != 1 {
		t.Errorf("runs %v, log %q", s.runs, log)
	}
}
