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

// errNoStack is shown if no stack is running.
var errNoStack = errors.New("no stack runs in this checkout: start one with make run")

// invoke is make invoke-NAME: it sends events/NAME.json to the function of that name and prints its
// result. It returns an error if the function fails or answers 500 and above, but not for a 404.
func invoke(ctx context.Context, name string, out, progress io.Writer) error {
	c, event, err := sample(ctx, name, progress)
	if err != nil {
		return err
	}
	payload, failed, err := callFunction(ctx, c.lambda, name, event)
	if err != nil {
		return orNoStack(err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, payload, "", "  "); err != nil {
		return fmt.Errorf("%s answered something that is not JSON: %s", name, payload)
	}
	fmt.Fprintln(out, pretty.String())
	return failure(name, payload, failed)
}

// printEvent is make event-NAME: it prints the event that make invoke-NAME would send.
func printEvent(ctx context.Context, name string, out, progress io.Writer) error {
	_, event, err := sample(ctx, name, progress)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, event)
	return err
}

// sample returns a function's sample event, filled for the running stack, and a client of that stack.
func sample(ctx context.Context, name string, progress io.Writer) (*client, string, error) {
	c, err := newClient(progress)
	if err != nil {
		return nil, "", err
	}
	event, err := c.sample(ctx, name)
	return c, event, err
}

// samples lists the functions that have a sample event.
func samples() string {
	files, _ := filepath.Glob(filepath.Join(eventsDir, "*.json"))
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".json")
	}
	return strings.Join(files, ", ")
}

// callFunction sends an event to the Invoke API at endpoint. If failed, the payload is the function's
// error.
func callFunction(ctx context.Context, endpoint, name, event string) (payload []byte, failed bool, err error) {
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
	payload, err = io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, payload)
	}
	if err != nil {
		return nil, false, fmt.Errorf("invoke %s: %w", name, err)
	}
	return payload, response.Header.Get("X-Amz-Function-Error") != "", nil
}

// failure returns an error if the function failed or answered 500 and above.
func failure(name string, payload []byte, failed bool) error {
	if failed {
		return fmt.Errorf("%s failed: see %s", name, logPath)
	}
	var http struct{ StatusCode int }
	if err := json.Unmarshal(payload, &http); err == nil && http.StatusCode >= 500 {
		return fmt.Errorf("%s answered %d", name, http.StatusCode)
	}
	return nil
}

// orNoStack returns errNoStack if the connection was refused, and err otherwise.
func orNoStack(err error) error {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return errNoStack
	}
	return err
}
