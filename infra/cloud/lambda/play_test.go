package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	runtime "github.com/aws/aws-lambda-go/lambda"
)

// TestMain makes the test binary a function if it is started with a runtime API.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		os.Exit(m.Run())
	}
	note("starts")
	switch os.Getenv("START") {
	case "exits":
		os.Exit(3)
	case "asks":
		askForMore()
	}
	runtime.Start(play)
}

// act is an event: what the function is to do.
type act struct {
	Do   string `json:"do"`
	File string `json:"file,omitempty"`
}

// report is the function's response.
type report struct {
	PID    int      `json:"pid"`
	Env    []string `json:"env,omitempty"`
	LeftMS int64    `json:"left_ms"`
}

func play(ctx context.Context, a act) (*report, error) {
	deadline, _ := ctx.Deadline()
	r := &report{PID: os.Getpid(), LeftMS: time.Until(deadline).Milliseconds()}
	switch a.Do {
	case "environment":
		r.Env = os.Environ()
	case "print":
		fmt.Print("one\ntw")
		fmt.Fprint(os.Stderr, "o\nthree")
		os.Exit(0)
	case "fail":
		return nil, errors.New("as asked")
	case "panic":
		panic("as asked")
	case "exit":
		os.Exit(4)
	case "hang":
		note("hangs")
		select {}
	case "wait":
		note("waits")
		return r, waitForFile(ctx, a.File)
	case "flood":
		r.Env = []string{string(make([]byte, MaxPayload))}
	}
	return r, nil
}

// askForMore calls what the local runtime API does not support, and prints the response.
func askForMore() {
	url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
	if response, err := http.Post(url, "application/json", strings.NewReader(`{}`)); err == nil {
		_, _ = io.Copy(os.Stdout, response.Body)
		_ = response.Body.Close()
	}
}

// note writes a file into the test's folder, named after what happens and in which process.
func note(what string) {
	if dir := os.Getenv("NOTES"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d", what, os.Getpid())), nil, 0o600)
	}
}

func waitForFile(ctx context.Context, path string) error {
	for ctx.Err() == nil {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return ctx.Err()
}

// stage is a pool with one function, played by this binary.
type stage struct {
	*Pool
	notes string
	log   *record
}

func newStage(t *testing.T, timeout time.Duration, env ...string) *stage {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{notes: t.TempDir(), log: &record{}}
	s.Pool = New(s.log, Function{
		Name: "play-part", Binary: self, Timeout: timeout, MemoryMB: 256,
		Environment: append(env, "NOTES="+s.notes),
	})
	t.Cleanup(s.Close)
	return s
}

func (s *stage) play(a act) (report, error) {
	event, _ := json.Marshal(a) // strings always marshal
	payload, err := s.Invoke(context.Background(), "play-part", event)
	var r report
	if err == nil {
		err = json.Unmarshal(payload, &r)
	}
	return r, err
}

func (s *stage) must(t *testing.T, a act) report {
	t.Helper()
	r, err := s.play(a)
	if err != nil {
		t.Fatalf("play %q: %v", a.Do, err)
	}
	return r
}

// awaitNotes waits until there are so many notes of one kind.
func (s *stage) awaitNotes(t *testing.T, what string, count int) []string {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if found := s.found(what); len(found) >= count {
			return found
		}
	}
	t.Fatalf("%d %q notes, want %d", len(s.found(what)), what, count)
	return nil
}

func (s *stage) found(what string) []string {
	found, _ := filepath.Glob(filepath.Join(s.notes, what+"-*"))
	return found
}

func kindOf(t *testing.T, err error) string {
	t.Helper()
	var failed *FunctionError
	if !errors.As(err, &failed) {
		t.Fatalf("error %v, want a function error", err)
	}
	var form struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(failed.Payload, &form); err != nil || form.ErrorMessage == "" {
		t.Fatalf("payload %s is not in AWS's form", failed.Payload)
	}
	return form.ErrorType
}

func itoa(n int) string { return strconv.Itoa(n) }

// atoi reads the process id off the name of a note.
func atoi(t *testing.T, note string) int {
	t.Helper()
	pid, err := strconv.Atoi(note[strings.LastIndexByte(note, '-')+1:])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
