// bare makes the calls of AWS that another function made, by the SDK, and returns its response. It has no
// logic: no credential is checked, nothing is decoded, sealed or logged. The environment's TAPE names the
// file of the calls.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"keepsake/infra/bench/tape"
)

// call makes one call of AWS.
type call func(context.Context) error

func main() {
	t, steps, err := load(os.Getenv("TAPE"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
	lambda.Start(func(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		for _, step := range steps {
			if err := together(ctx, step); err != nil {
				return events.APIGatewayV2HTTPResponse{}, err
			}
		}
		if t.Get == "" {
			return t.Response, nil
		}
		return t.Response, fetch(ctx, os.Getenv("PROVIDER")+t.Get)
	})
}

// load reads the tape, and makes its calls' inputs.
func load(path string) (t tape.Tape, steps [][]call, err error) {
	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, &t)
	}
	if err != nil {
		return t, nil, err
	}
	c := newClients()
	for _, step := range t.Steps {
		var calls []call
		for _, one := range step {
			made, err := c.call(one)
			if err != nil {
				return t, nil, fmt.Errorf("%s: %w", one.Name, err)
			}
			calls = append(calls, made)
		}
		steps = append(steps, calls)
	}
	return t, steps, nil
}

// together makes the calls of a step at the same time.
func together(ctx context.Context, step []call) error {
	if len(step) == 1 {
		return step[0](ctx)
	}
	errs := make([]error, len(step))
	var all sync.WaitGroup
	for i, one := range step {
		all.Go(func() { errs[i] = one(ctx) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// fetch asks another service than AWS.
func fetch(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
