package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"keepsake/infra/cloud/gateway"
)

// answerTime is how long the first request may take: a function starts for it.
const answerTime = 15 * time.Second

// openDoor begins to answer on the port that run has taken.
func (s *stack) openDoor(context.Context) error {
	g, err := gateway.New(s.template, s.functions.Invoke)
	if err != nil {
		return err
	}
	server := s.server(g)
	go func() { _ = server.Serve(s.door) }()
	s.atEnd(func() {
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	})
	return nil
}

func (s *stack) baseURL() string { return "http://" + s.door.Addr().String() + "/v1" }

// awaitAnswer sends a request all the way through: when it comes back the stack is ready.
func (s *stack) awaitAnswer(ctx context.Context) error {
	s.say("starting a function")
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.baseURL()+"/", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("the stack does not answer (see %s): %w", logPath, err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("the stack answers %s: see %s", answer.Status, logPath)
	}
	return nil
}
