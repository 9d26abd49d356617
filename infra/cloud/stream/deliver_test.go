package stream

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestABatchThatWorksIsDoneAtOnce(t *testing.T) {
	s := newStage(plain, func([]string) (string, error) { return "null", nil })
	s.work(t, 3)
	s.saw(t, "1 2 3")
	if !slices.Equal(s.reached, []string{"3"}) || len(s.slept) > 0 {
		t.Errorf("reached %v after %v", s.reached, s.slept)
	}
}

func TestWhatTheResponseReportsComesAgainFromTheLowestNumberOn(t *testing.T) {
	for response, again := range map[string]string{
		failing("3"):      "3 4",
		failing("4", "2"): "2 3 4",
		failing("1"):      "1 2 3 4",
		failing("4", "9"): "1 2 3 4", // is not in the batch
		failing(""):       "1 2 3 4",
		failing("3", ""):  "1 2 3 4",
		`{"batchItemFailures":[{"itemIdentifier":null}]}`: "1 2 3 4",
		`{"batchItemFailures":[{"itemIdentifier":3}]}`:    "1 2 3 4",
		`{"batchItemFailures":[{"sequenceNumber":"3"}]}`:  "1 2 3 4",
		`{"batchItemFailures":[{"ItemIdentifier":"3"}]}`:  "1 2 3 4",
		`{"batchItemFailures":"3"}`:                       "1 2 3 4",
		`"fine"`:                                          "1 2 3 4",
		`fine`:                                            "1 2 3 4",
		``:                                                "",
		`null`:                                            "",
		`{}`:                                              "",
		`{"batchItemFailures":null}`:                      "",
		`{"batchItemFailures":[]}`:                        "",
		`{"BatchItemFailures":[{"itemIdentifier":"3"}]}`: "",
	} {
		s := newStage(with(reporting), firstTime(response, nil))
		s.work(t, 4)
		want := []string{"1 2 3 4", again}
		if again == "" {
			want = want[:1]
		}
		if !slices.Equal(s.batches, want) || s.reached[len(s.reached)-1] != "4" {
			t.Errorf("%s: the function was given %q, want %q", response, s.batches, want)
		}
	}
}

func TestWhatComesBeforeTheReportedRecordIsDoneBeforeTheRetry(t *testing.T) {
	s := newStage(with(reporting, retries(1)), poisoned("3"))
	s.work(t, 4)
	s.saw(t, "1 2 3 4", "3 4")
	s.lost(t, "[3 4] RetryAttemptsExhausted 2 false")
	if !slices.Equal(s.reached, []string{"2", "4"}) {
		t.Errorf("reached %v", s.reached)
	}
}

func TestAReportCountsOnlyWhereTheSourceAsksForIt(t *testing.T) {
	s := newStage(plain, poisoned("3"))
	s.work(t, 4)
	s.saw(t, "1 2 3 4")
}

func TestAFunctionThatFailsGetsTheWholeBatchAgain(t *testing.T) {
	s := newStage(with(reporting), firstTime("", errDied))
	s.work(t, 3)
	s.saw(t, "1 2 3", "1 2 3")
	s.lost(t)
}

func TestTheTimeBetweenTwoTriesGrowsToTenSeconds(t *testing.T) {
	s := newStage(with(retries(8)), func([]string) (string, error) { return "", errDied })
	s.work(t, 1)
	var want []time.Duration
	for _, ms := range []int{250, 500, 1000, 2000, 4000, 8000, 10000, 10000} {
		want = append(want, time.Duration(ms)*time.Millisecond)
	}
	if !slices.Equal(s.slept, want) {
		t.Errorf("it slept %v", s.slept)
	}
	s.lost(t, "[1] RetryAttemptsExhausted 9 true")
}

func TestAPoisonedRecordIsSplitOffAndStopsNoOther(t *testing.T) {
	for _, dies := range []bool{false, true} {
		done := map[string]bool{}
		s := newStage(with(reporting, bisecting, retries(2)), func(numbers []string) (string, error) {
			before, _, bad := strings.Cut(strings.Join(numbers, " "), "3")
			if bad && dies {
				return "", errDied
			}
			for _, n := range strings.Fields(before) {
				done[n] = true
			}
			if bad {
				return failing("3"), nil
			}
			return "", nil
		})
		s.work(t, 6)
		if got := slices.Sorted(maps.Keys(done)); !slices.Equal(got, []string{"1", "2", "4", "5", "6"}) {
			t.Errorf("done are %q, by %q", got, s.batches)
		}
		alone := slices.DeleteFunc(slices.Clone(s.batches), func(b string) bool { return b != "3" })
		if len(alone) != 3 {
			t.Errorf("the record was tried %d times alone, want once and two retries: %q", len(alone), s.batches)
		}
		s.lost(t, fmt.Sprintf("[3] RetryAttemptsExhausted 3 %v", dies))
		if s.reached[len(s.reached)-1] != "6" {
			t.Errorf("reached %v", s.reached)
		}
	}
}

func TestABatchThatFailsIsHalvedUntilWhatFailsIsAlone(t *testing.T) {
	s := newStage(with(bisecting, retries(0)), func(numbers []string) (string, error) {
		if slices.Contains(numbers, "3") {
			return "", errDied
		}
		return "", nil
	})
	s.work(t, 5)
	s.saw(t, "1 2 3 4 5", "1 2", "3 4 5", "3", "4 5")
	s.lost(t, "[3] RetryAttemptsExhausted 1 true")
}

func TestRecordsReachTheFunctionInTheirOrderWhateverFails(t *testing.T) {
	n := 0
	s := newStage(with(reporting, bisecting, retries(3)), func(numbers []string) (string, error) {
		n++
		switch n % 3 {
		case 0:
			return "", errDied
		case 1:
			return failing(numbers[len(numbers)/2]), nil
		}
		return "", nil
	})
	s.work(t, 40)
	last := 0
	for _, reached := range s.reached {
		var number int
		if _, err := fmt.Sscan(reached, &number); err != nil || number <= last {
			t.Fatalf("after %d comes %s", last, reached)
		}
		last = number
	}
	if last != 40 {
		t.Errorf("it ends at %d", last)
	}
	s.lost(t)
}

func TestARecordThatIsTooOldIsGivenUpWithoutATryAndTheNextGoOn(t *testing.T) {
	s := newStage(with(aged(time.Hour)), firstTime("", nil))
	items := records(4)
	items[0].created, items[1].created = noon.Add(-2*time.Hour), noon.Add(-time.Hour-time.Second)
	items[2].created = noon.Add(-time.Hour)
	if err := s.batch(items); err != nil {
		t.Fatal(err)
	}
	s.saw(t, "3 4")
	s.lost(t, "[1 2] RecordAgeExceeded 0 false")
}

func TestRetriesEndWhenTheRecordIsTooOld(t *testing.T) {
	s := newStage(with(aged(3*time.Second)), func([]string) (string, error) { return "", errDied })
	s.work(t, 1)
	s.saw(t, "1", "1", "1", "1") // at noon, and 250, 750 and 1750 ms later
	s.lost(t, "[1] RecordAgeExceeded 4 true")
}

func TestNoRecordAgesWhileNothingRunsThatCouldDeliverIt(t *testing.T) {
	s := newStage(with(aged(time.Hour)), firstTime("", nil))
	s.since = noon.Add(-time.Minute)
	items := records(1)
	items[0].created = noon.Add(-48 * time.Hour)
	if err := s.batch(items); err != nil {
		t.Fatal(err)
	}
	s.saw(t, "1")
	s.lost(t)
}

func TestWhatIsNotTheFunctionsFaultCostsNoRetry(t *testing.T) {
	s := newStage(with(retries(0), bisecting), firstTime("", errStanding))
	if err := s.batch(records(2)); !errors.Is(err, errStanding) {
		t.Errorf("error %v", err)
	}
	if len(s.reached)+len(s.losses)+len(s.slept) > 0 {
		t.Errorf("reached %v, lost %v, slept %v", s.reached, s.losses, s.slept)
	}
}

func TestAnEventStaysBelowLambdasLimits(t *testing.T) {
	items := records(5)
	for i := range items {
		items[i].json = append(items[i].json, strings.Repeat(" ", 100)...)
	}
	one := len(event(items[:1]))
	for _, c := range []struct{ limit, size, want int }{
		{100, 1 << 20, 5}, {5, 1 << 20, 5}, {2, 1 << 20, 2}, {1, 1 << 20, 1}, {100, 2 * one, 2}, {100, one, 1}, {100, 10, 1},
	} {
		n := fitting(items, c.limit, c.size)
		if n != c.want || n > 1 && len(event(items[:n])) > c.size {
			t.Errorf("of %d and %d bytes: %d records, want %d", c.limit, c.size, n, c.want)
		}
	}
}
