package engine_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"keepsake/infra/cloud/engine"
)

const (
	roleVariable = "ENGINE_TEST_ROLE"
	patience     = 20 * time.Second
)

// TestMain lets the test binary play an owner of an engine, and engines that behave badly.
func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "owner":
		own()
	case "stubborn":
		resist()
	case "foreign":
		pretend("not JSON")
	default:
		os.Exit(m.Run())
	}
}

func own() {
	e, err := engine.Start(context.Background(), engine.Config{Binary: os.Args[1]})
	if err != nil {
		panic(err)
	}
	_, _ = os.Stdout.WriteString(e.URL() + "\n")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func resist() {
	signal.Ignore(syscall.SIGTERM)
	pretend(`{"result":{}}`)
}

// pretend serves one response on both of an engine's ports.
func pretend(response string) {
	port := func(flag string) string { return "127.0.0.1:" + os.Args[slices.Index(os.Args, flag)+1] }
	go func() { panic(http.ListenAndServe(port("--mcp-port"), always(response))) }()
	panic(http.ListenAndServe(port("--port"), always(response)))
}

// always is the response to every request.
type always string

func (a always) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, string(a))
}

func TestAnEngineRespondsUntilItIsStopped(t *testing.T) {
	e := start(t, "")
	if got := call(t, e, "ListTables", `{}`); !strings.Contains(got, "TableNames") {
		t.Errorf("ListTables returns %s", got)
	}
	e.Stop()
	select {
	case <-e.Done():
	default:
		t.Error("the engine is not done after Stop")
	}
	if responds(e.URL()) {
		t.Error("something still responds after Stop")
	}
	e.Stop() // may be called again
}

func TestTwoEnginesShareNothing(t *testing.T) {
	one, other := start(t, ""), start(t, "")
	makeTable(t, one, "Things")
	if got := call(t, other, "ListTables", `{}`); strings.Contains(got, "Things") {
		t.Errorf("the other engine lists %s", got)
	}
}

func TestWhatAnEngineWroteIsThereAfterARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data.db")
	first := start(t, file)
	makeTable(t, first, "Things")
	first.Stop()
	if got := call(t, start(t, file), "ListTables", `{}`); !strings.Contains(got, "Things") {
		t.Errorf("after the restart ListTables returns %s", got)
	}
}

func TestAnEngineThatEndsAtOnceSaysWhy(t *testing.T) {
	program := script(t, t.TempDir(), "dynoxide", `echo "cannot open the database" >&2; exit 1`)
	_, err := engine.Start(t.Context(), engine.Config{Binary: program})
	if err == nil || !strings.Contains(err.Error(), "cannot open the database") {
		t.Errorf("the error is %v", err)
	}
}

func TestAStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var log watch = func(string) { cancel() }
	program := script(t, t.TempDir(), "dynoxide", `echo mute; exec sleep 60`)
	_, err := engine.Start(ctx, engine.Config{Binary: program, Log: log})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func TestAnEngineThatIgnoresTheSignalIsKilled(t *testing.T) {
	t.Parallel()
	program := script(t, t.TempDir(), "dynoxide", roleVariable+`=stubborn exec `+os.Args[0]+` "$@"`)
	e, err := engine.Start(t.Context(), engine.Config{Binary: program})
	if err != nil {
		t.Fatal(err)
	}
	e.Stop()
	select {
	case <-e.Done():
	default:
		t.Error("the engine is not done after Stop")
	}
}

func TestAnEngineDiesWithItsOwner(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ties a child's life to its parent's")
	}
	owner := exec.Command(os.Args[0], binary(t))
	owner.Env = append(os.Environ(), roleVariable+"=owner")
	stdin, err := owner.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimSpace(line)
	if !responds(url) {
		t.Fatal("the owner's engine does not respond")
	}
	_ = owner.Process.Kill()
	_ = owner.Wait()
	for deadline := time.Now().Add(patience); responds(url); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the engine outlives its owner")
		}
	}
}

// binary is the engine that `make engine` installed.
func binary(t *testing.T) string {
	t.Helper()
	path, err := engine.Find(filepath.Join("..", "..", "..", ".local", "engine"))
	if err != nil {
		t.Fatalf("run `make engine` first: %v", err)
	}
	if path, err = filepath.Abs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func start(t *testing.T, data string) *engine.Engine {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	e, err := engine.Start(ctx, engine.Config{Binary: binary(t), Data: data})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	return e
}

func makeTable(t *testing.T, e *engine.Engine, name string) {
	t.Helper()
	call(t, e, "CreateTable", `{"TableName":"`+name+`","BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],
		"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`)
}

func call(t *testing.T, e *engine.Engine, action, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL(), bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+action)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Date", "20260101T000000Z")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s %v", action, response.Status, content, err)
	}
	return string(content)
}

func responds(url string) bool {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return true
}

// watch is a log that passes on what is written to it.
type watch func(string)

func (w watch) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}
