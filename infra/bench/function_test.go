package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// function is a running copy of a function, with a Lambda runtime API of its own.
type function struct {
	b      *testing.B
	cmd    *exec.Cmd
	api    *httptest.Server
	asking chan struct{}
	events chan []byte
	result chan string
	stderr strings.Builder
}

// launch starts a copy, and returns when it asks for its first event.
func launch(b *testing.B, folder, operation string, environment []string) *function {
	b.Helper()
	f := &function{
		b: b, cmd: exec.Command(filepath.Join(folder, operation)),
		asking: make(chan struct{}, 1), events: make(chan []byte), result: make(chan string, 1),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", f.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		f.result <- string(text)
	})
	f.api = httptest.NewServer(mux)
	f.cmd.Env = append(environment, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(f.api.URL, "http://"))
	f.cmd.Stderr = &f.stderr
	if err := f.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	f.wait()
	return f
}

func (f *function) next(w http.ResponseWriter, r *http.Request) {
	f.asking <- struct{}{}
	select {
	case event := <-f.events:
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprintf("request-%d", time.Now().UnixNano()))
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:bench")
		_, _ = w.Write(event)
	case <-r.Context().Done():
	}
}

// wait waits until the function asks for an event.
func (f *function) wait() {
	f.b.Helper()
	select {
	case <-f.asking:
	case <-time.After(10 * time.Second):
		f.b.Fatalf("the function does not ask for an event: %s", f.stderr.String())
	}
}

// call hands an event over, and returns the result and how long it took to come.
func (f *function) call(event []byte) (string, time.Duration) {
	f.b.Helper()
	began := time.Now()
	f.events <- event
	select {
	case result := <-f.result:
		took := time.Since(began)
		f.wait()
		return result, took
	case <-time.After(20 * time.Second):
		f.b.Fatalf("the function does not respond: %s", f.stderr.String())
	}
	panic("unreachable")
}

func (f *function) end() {
	_ = f.cmd.Process.Kill()
	_ = f.cmd.Wait()
	f.api.CloseClientConnections()
	f.api.Close()
}
