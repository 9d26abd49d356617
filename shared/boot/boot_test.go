package boot

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/telemetry"
)

func TestRetentionIsDaysOrADuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"1d": 24 * time.Hour, "30d": 720 * time.Hour, "36h": 36 * time.Hour} {
		if got, err := parseRetention(text, false); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "x", "30", "1.5d", "-1d", "0d", "0s", "999999999d"} {
		if got, err := parseRetention(text, true); err == nil {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
}

func TestARetentionOfLessThanADayIsRefusedUnlessAskedFor(t *testing.T) {
	if _, err := parseRetention("23h59m", false); err == nil {
		t.Error("taken")
	}
	if got, err := parseRetention("15s", true); err != nil || got != 15*time.Second {
		t.Errorf("%v, %v", got, err)
	}
}

func TestWithoutTheOriginsKeyNoEdgeStarts(t *testing.T) {
	t.Setenv("STACK", "s")
	t.Setenv("TOKENS_TABLE", "t")
	for name, edge := range map[string]func(*Env){
		"Edge":     func(e *Env) { e.Edge() },
		"BareEdge": func(e *Env) { e.BareEdge() },
	} {
		for key, want := range map[string]string{"": "ORIGIN_KEY is not set", "k": ""} {
			t.Setenv("ORIGIN_KEY", key)
			e := &Env{}
			edge(e)
			if got := said(e); got != want {
				t.Errorf("%s with the key %q: %q, want %q", name, key, got, want)
			}
		}
	}
}

func TestADurationHasBoundsAndOneOutsideStartsNoFunction(t *testing.T) {
	for text, want := range map[string]time.Duration{"0s": 0, "60s": time.Minute, "300s": 5 * time.Minute} {
		t.Setenv("KEY_CACHING", text)
		e := &Env{}
		if got := e.Duration("KEY_CACHING", 5*time.Minute); got != want || said(e) != "" {
			t.Errorf("%s: %v, %q", text, got, said(e))
		}
	}
	for text, want := range map[string]string{
		"": "KEY_CACHING is not set", "301s": "KEY_CACHING: must be a duration from 0s to 5m0s",
		"-1s": "KEY_CACHING: must be a duration from 0s to 5m0s", "60": "KEY_CACHING: must be a duration from 0s to 5m0s",
	} {
		t.Setenv("KEY_CACHING", text)
		e := &Env{}
		if got := e.Duration("KEY_CACHING", 5*time.Minute); got != 0 || said(e) != want {
			t.Errorf("%q: %v, %q", text, got, said(e))
		}
	}
}

// said returns what a function with this environment logs instead of starting.
func said(e *Env) string {
	if err := errors.Join(e.faults...); err != nil {
		return err.Error()
	}
	return ""
}

func TestMetricsAreTheStacksAndDetailedOnlyIfAskedFor(t *testing.T) {
	for _, c := range []struct {
		stack, detailed, fault string
		want                   telemetry.Metrics
	}{
		{"prod", "", "", telemetry.Metrics{Stack: "prod"}},
		{"prod", "false", "", telemetry.Metrics{Stack: "prod"}},
		{"prod", "true", "", telemetry.Metrics{Stack: "prod", Detailed: true}},
		{"prod", "yes", "DETAILED_METRICS: must be true or false", telemetry.Metrics{Stack: "prod"}},
		{"", "", "STACK is not set", telemetry.Metrics{}},
	} {
		t.Setenv("STACK", c.stack)
		t.Setenv("DETAILED_METRICS", c.detailed)
		e := &Env{}
		if got := e.metrics(); got != c.want || said(e) != c.fault {
			t.Errorf("%+v: %+v, %q", c, got, said(e))
		}
	}
}

func TestOnlyATransactionThatMetAnotherIsTriedAgain(t *testing.T) {
	cancelled := func(codes ...string) error {
		e := &types.TransactionCanceledException{}
		for _, code := range codes {
			e.CancellationReasons = append(e.CancellationReasons, types.CancellationReason{Code: aws.String(code)})
		}
		return e
	}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{cancelled("None", "TransactionConflict"), true},
		{cancelled("ThrottlingError", "None"), true},
		{&types.TransactionConflictException{}, true},
		{&types.TransactionInProgressException{}, true},
		{cancelled("ConditionalCheckFailed", "TransactionConflict"), true}, // why it is refused is not known yet
		{cancelled("ConditionalCheckFailed", "None"), false},
		{cancelled("ValidationError", "TransactionConflict"), false},
		{cancelled("ValidationError", "None"), false},
		{&types.ConditionalCheckFailedException{}, false},
	} {
		if got := newRetryer().IsErrorRetryable(c.err); got != c.want {
			t.Errorf("%v: retried %v, want %v", c.err, got, c.want)
		}
	}
}

func TestPausesGrowAndStayShort(t *testing.T) {
	for attempt := range 10 {
		for range 100 {
			if d, _ := backoff(attempt, nil); d < 0 || d > firstBackoff<<min(attempt, maxAttempts) {
				t.Fatalf("attempt %d: %v", attempt, d)
			}
		}
	}
}
