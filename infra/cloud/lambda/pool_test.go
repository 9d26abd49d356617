package lambda

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// ample is a time limit that no test reaches.
const ample = 30 * time.Second

func TestAFunctionKnowsHowMuchTimeItHas(t *testing.T) {
	r := newStage(t, ample).must(t, act{})
	if left := time.Duration(r.LeftMS) * time.Millisecond; left < ample/2 || left > ample {
		t.Errorf("%v left at the start of a request, want about %v", left, ample)
	}
}

func TestAWarmInstanceIsUsedAgain(t *testing.T) {
	s := newStage(t, ample)
	first := s.must(t, act{})
	for range 5 {
		if r := s.must(t, act{}); r.PID != first.PID {
			t.Fatalf("process %d responded, want the warm %d", r.PID, first.PID)
		}
	}
}

func TestARequestToABusyFunctionGetsAnInstanceOfItsOwn(t *testing.T) {
	s := newStage(t, ample)
	release := filepath.Join(s.notes, "release")
	pids := s.inBackground(2, act{Do: "wait", File: release})
	s.awaitNotes(t, "waits", 2) // both are in work at once
	touch(t, release)
	if a, b := <-pids, <-pids; a == b || a == 0 || b == 0 {
		t.Errorf("processes %d and %d responded, want two", a, b)
	}
}

func TestRequestsBeyondTheLimitWaitTheirTurn(t *testing.T) {
	s := newStage(t, ample)
	release := filepath.Join(s.notes, "release")
	pids := s.inBackground(maxInstances+4, act{Do: "wait", File: release})
	s.awaitNotes(t, "waits", maxInstances)
	touch(t, release)
	seen := map[int]bool{}
	for range maxInstances + 4 {
		seen[<-pids] = true
	}
	if len(seen) != maxInstances || seen[0] {
		t.Errorf("%d processes responded, want %d", len(seen), maxInstances)
	}
}

func TestARequestThatRunsOutOfTimeIsKilled(t *testing.T) {
	s := newStage(t, 300*time.Millisecond)
	_, err := s.play(act{Do: "hang"})
	if kind := kindOf(t, err); kind != "Sandbox.Timedout" || !strings.Contains(err.Error(), "Task timed out after 0.30 seconds") {
		t.Errorf("error %v, want a time-out", err)
	}
	if logged := s.log.String(); !strings.Contains(logged, "play-part: function error:") {
		t.Errorf("logged %q, want the time-out", logged)
	}
	hung := s.awaitNotes(t, "hangs", 1)
	if r := s.must(t, act{}); strings.HasSuffix(hung[0], "-"+itoa(r.PID)) {
		t.Error("the process that hung responds again")
	}
	if err := syscall.Kill(atoi(t, hung[0]), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the process that hung: %v, want that it has ended", err)
	}
}

func TestAFunctionThatDiesFailsItsRequestAndNoOther(t *testing.T) {
	for _, how := range []struct{ do, kind string }{
		{"exit", "Runtime.ExitError"},
		{"panic", "string"}, // the runtime client's name for a panic with a string
	} {
		t.Run(how.do, func(t *testing.T) {
			s := newStage(t, ample)
			before := s.must(t, act{})
			_, err := s.play(act{Do: how.do})
			if kind := kindOf(t, err); kind != how.kind {
				t.Errorf("error type %q, want %q", kind, how.kind)
			}
			if after := s.must(t, act{}); after.PID == before.PID {
				t.Error("the dead process responded")
			}
		})
	}
}

func TestAnInstanceKilledWhileIdleIsReplaced(t *testing.T) {
	s := newStage(t, ample)
	before := s.must(t, act{})
	if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.awaitInstances(t, 0)
	if after := s.must(t, act{}); after.PID == before.PID {
		t.Error("the dead process responded")
	}
}

func TestAFunctionsErrorIsPassedOnAndItsInstanceKept(t *testing.T) {
	s := newStage(t, ample)
	before := s.must(t, act{})
	_, err := s.play(act{Do: "fail"})
	if kind := kindOf(t, err); kind != "errorString" || !strings.Contains(err.Error(), "as asked") {
		t.Errorf("error %v, want the function's own", err)
	}
	if after := s.must(t, act{}); after.PID != before.PID {
		t.Error("an error cost the instance")
	}
}

func TestAResponseThatIsTooLargeFailsItsRequestOnly(t *testing.T) {
	s := newStage(t, ample)
	_, err := s.play(act{Do: "flood"})
	if kind := kindOf(t, err); kind != "Function.ResponseSizeTooLarge" {
		t.Errorf("error type %q", kind)
	}
	s.must(t, act{})
}

func TestAStartUpThatFailsIsTriedOncePerRequest(t *testing.T) {
	s := newStage(t, ample, "START=exits")
	for n := 1; n <= 3; n++ {
		_, err := s.play(act{})
		if kind := kindOf(t, err); kind != "Runtime.ExitError" {
			t.Fatalf("error type %q, want Runtime.ExitError", kind)
		}
		if starts := len(s.found("starts")); starts != n {
			t.Fatalf("%d starts after %d requests", starts, n)
		}
	}
}

func TestACallThatTheRuntimeAPIDoesNotSupportIsRefused(t *testing.T) {
	s := newStage(t, ample, "START=asks")
	s.must(t, act{})
	s.Close()
	if got := s.log.String(); !strings.Contains(got, "POST /2018-06-01/runtime/init/error is not supported by the local runtime API") {
		t.Errorf("it gets %q", got)
	}
}

func TestAMissingBinaryIsAFunctionError(t *testing.T) {
	p := New(&record{}, Function{Name: "absent", Binary: filepath.Join(t.TempDir(), "bootstrap"), Timeout: ample})
	defer p.Close()
	_, err := p.Invoke(t.Context(), "absent", []byte("{}"))
	if kind := kindOf(t, err); kind != "Runtime.InvalidEntrypoint" {
		t.Errorf("error type %q, want Runtime.InvalidEntrypoint", kind)
	}
}

func TestAnUnknownFunctionIsSaidToBeUnknown(t *testing.T) {
	if _, err := newStage(t, ample).Invoke(t.Context(), "nobody", []byte("{}")); !errors.Is(err, ErrUnknownFunction) {
		t.Errorf("error %v, want ErrUnknownFunction", err)
	}
}

func TestACallerThatGivesUpLeavesTheFunctionRunning(t *testing.T) {
	s := newStage(t, ample)
	release := filepath.Join(s.notes, "release")
	ctx, giveUp := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := s.Invoke(ctx, "play-part", []byte(`{"do":"wait","file":"`+release+`"}`))
		ended <- err
	}()
	waiting := s.awaitNotes(t, "waits", 1)
	giveUp()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the caller's own", err)
	}
	if err := syscall.Kill(atoi(t, waiting[0]), 0); err != nil {
		t.Errorf("the function was ended: %v", err)
	}
	touch(t, release)
}

func TestAFunctionSeesWhatLambdaSetsAndNothingOfTheShell(t *testing.T) {
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("HOME", "/home/dev")
	env := newStage(t, ample, "THINGS_TABLE=Things").must(t, act{Do: "environment"}).Env
	var names []string
	for _, pair := range env {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	want := strings.Fields(`AWS_ACCESS_KEY_ID AWS_DEFAULT_REGION AWS_EXECUTION_ENV
		AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION
		AWS_LAMBDA_INITIALIZATION_TYPE AWS_LAMBDA_LOG_FORMAT AWS_LAMBDA_RUNTIME_API
		AWS_REGION AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN LAMBDA_TASK_ROOT NOTES PATH THINGS_TABLE TZ
		_HANDLER _X_AMZN_TRACE_ID`)
	if !slices.Equal(names, want) {
		t.Errorf("the function sees\n%v, want\n%v", names, want)
	}
	if !slices.Contains(env, "AWS_ACCESS_KEY_ID=ASIALOCALPLAYPART") {
		t.Errorf("the function has no access key of its own: %v", env)
	}
}

func TestWhatAFunctionPrintsIsLoggedLineByLineUnderItsName(t *testing.T) {
	s := newStage(t, ample)
	_, _ = s.play(act{Do: "print"})
	s.Close()
	if got, want := s.log.String(), "play-part: one\nplay-part: two\nplay-part: three\n"; !strings.HasPrefix(got, want) {
		t.Errorf("logged %q, want %q first", got, want)
	}
}

func TestClosingLetsARunningRequestEnd(t *testing.T) {
	s := newStage(t, ample)
	release := filepath.Join(s.notes, "release")
	pids := s.inBackground(1, act{Do: "wait", File: release})
	s.awaitNotes(t, "waits", 1)
	closed := make(chan struct{})
	go func() { s.Close(); close(closed) }()
	<-s.closing
	touch(t, release)
	if pid := <-pids; pid == 0 {
		t.Error("the running request was cut off")
	}
	<-closed
	if _, err := s.play(act{}); !errors.Is(err, ErrClosed) {
		t.Errorf("a request after the end: %v, want ErrClosed", err)
	}
}

func TestClosingEndsEveryInstanceEvenOneThatHangs(t *testing.T) {
	s := newStage(t, ample)
	idle := s.must(t, act{}).PID
	_ = s.inBackground(2, act{Do: "hang"})
	hung := s.awaitNotes(t, "hangs", 2)
	s.Close()
	for _, pid := range []int{idle, atoi(t, hung[0]), atoi(t, hung[1])} {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d: %v, want that it has ended", pid, err)
		}
	}
}

// inBackground starts count requests and sends the process id of each response, or 0 for a failure.
func (s *stage) inBackground(count int, a act) <-chan int {
	pids := make(chan int, count)
	for range count {
		go func() {
			r, _ := s.play(a)
			pids <- r.PID
		}()
	}
	return pids
}

// awaitInstances waits until the pool has so many running instances.
func (s *stage) awaitInstances(t *testing.T, want int) {
	t.Helper()
	f := s.fleets["play-part"]
	for end := time.Now().Add(ample); time.Now().Before(end); time.Sleep(time.Millisecond) {
		f.mu.Lock()
		count := len(f.all)
		f.mu.Unlock()
		if count == want {
			return
		}
	}
	t.Fatalf("timed out waiting for %d instances", want)
}

func touch(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// record is a buffer that many may write to.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}
