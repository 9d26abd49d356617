package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
)

const eventsDir = "events"

// errNoStack is what whoever needs a running stack reads.
var errNoStack = errors.New("no stack runs in this checkout: start one with make run")

// invoke is make invoke-NAME: it sends events/NAME.json to the function of that name and prints the
// answer. A failure of the function is an error, too; an HTTP answer like 404 is an answer.
func invoke(ctx context.Context, name string, out, progress io.Writer) error {
	c, event, err := sample(ctx, name, progress)
	if err != nil {
		return err
	}
	answer, failed, err := callFunction(ctx, c.lambda, name, event)
	if err != nil {
		return running(err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, answer, "", "  "); err != nil {
		return fmt.Errorf("%s answered something that is not JSON: %s", name, answer)
	}
	fmt.Fprintln(out, pretty.String())
	return verdict(name, answer, failed)
}

// printEvent is make event-NAME: it prints what make invoke-NAME would send.
func printEvent(ctx context.Context, name string, out, progress io.Writer) error {
	_, event, err := sample(ctx, name, progress)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, event)
	return err
}

// sample is a function's sample event, filled for the running stack, and the client of that stack.
func sample(ctx context.Context, name string, progress io.Writer) (*client, string, error) {
	c, err := newClient(progress)
	if err != nil {
		return nil, "", err
	}
	event, err := c.sample(ctx, name)
	return c, event, err
}

// samples lists what there is to invoke.
func samples() string {
	files, _ := filepath.Glob(filepath.Join(eventsDir, "*.json"))
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".json")
	}
	return strings.Join(files, ", ")
}

// callFunction sends an event to AWS's Invoke API. failed says that the answer is the function's
// error.
func callFunction(ctx context.Context, endpoint, name, event string) (answer []byte, failed bool, err error) {
	url := endpoint + "/2015-03-31/functions/" + name + "/invocations"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(event))
	if err != nil {
		return nil, false, fmt.Errorf("invoke %s: %w", name, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, false, fmt.Errorf("invoke %s: %w", name, err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, answer)
	}
	if err != nil {
		return nil, false, fmt.Errorf("invoke %s: %w", name, err)
	}
	return answer, response.Header.Get("X-Amz-Function-Error") != "", nil
}

// verdict is an error for an answer that is a failure.
func verdict(name string, answer []byte, failed bool) error {
	if failed {
		return fmt.Errorf("%s failed: see %s", name, logPath)
	}
	var http struct{ StatusCode int }
	if err := json.Unmarshal(answer, &http); err == nil && http.StatusCode >= 500 {
		return fmt.Errorf("%s answered %d", name, http.StatusCode)
	}
	return nil
}

// running turns a refused connection into what it means.
func running(err error) error {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return errNoStack
	}
	return err
}
