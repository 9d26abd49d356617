package stream

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	runtime "github.com/aws/aws-lambda-go/lambda"

	"keepsake/infra/cloud/lambda"
)

// TestMain lets the test binary play a function as well: started with a runtime API it is one.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		os.Exit(m.Run())
	}
	runtime.Start(hangOnce)
}

// hangOnce never returns the first time. The next time it finds the note that it left.
func hangOnce(context.Context, map[string]any) (map[string]any, error) {
	note := filepath.Join(os.Getenv("NOTES"), "hangs")
	if _, err := os.Stat(note); err == nil {
		return map[string]any{"batchItemFailures": nil}, nil
	}
	if err := os.WriteFile(note, nil, 0o600); err != nil {
		return nil, err
	}
	select {}
}

func TestAFunctionThatTimesOutGetsItsBatchAgain(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	pool := lambda.New(&log, lambda.Function{
		Name: "hang-once", Binary: self, Timeout: 500 * time.Millisecond, MemoryMB: 128, Environment: []string{"NOTES=" + t.TempDir()},
	})
	defer pool.Close()
	s := newStage(with(reporting), nil)
	failures := 0
	s.invoke = func(event []byte) ([]byte, error) {
		s.batches = append(s.batches, strings.Join(numbersIn(event), " "))
		response, err := pool.Invoke(t.Context(), "hang-once", event)
		if failed := new(lambda.FunctionError); errors.As(err, &failed) && strings.Contains(string(failed.Payload), "timed out") {
			failures++
		}
		return response, err
	}
	s.work(t, 2)
	// On a busy machine the second attempt may be late, too.
	if len(s.batches) < 2 || failures != len(s.batches)-1 || s.batches[len(s.batches)-1] != "1 2" || len(s.reached) != 1 {
		t.Errorf("the function was given %q and timed out %d times; reached %v", s.batches, failures, s.reached)
	}
}
