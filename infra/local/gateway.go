package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"keepsake/infra/cloud/gateway"
	"keepsake/infra/template"
)

// firstAnswerTime is how long the first request may take: a function starts for it.
const firstAnswerTime = 15 * time.Second

// httpAPI is API Gateway with the template's routes, on the port that clients talk to.
type httpAPI struct {
	listener net.Listener
	template *template.Template
	pool     *functionPool
	log      io.Writer
}

func (a *httpAPI) start(context.Context) (stop func(), err error) {
	g, err := gateway.New(a.template, a.pool.Invoke)
	if err != nil {
		return nil, err
	}
	server := newServer(g, a.log)
	go func() { _ = server.Serve(a.listener) }()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}, nil
}

func (a *httpAPI) url() string { return "http://" + a.listener.Addr().String() + "/v1" }

// firstRequest goes all the way through the stack: when it is answered, the stack is ready.
type firstRequest struct {
	api *httpAPI
	say printer
}

func (r *firstRequest) start(ctx context.Context) (stop func(), err error) {
	r.say("starting a function")
	ctx, cancel := context.WithTimeout(ctx, firstAnswerTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.api.url()+"/", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the stack does not answer (see %s): %w", logPath, err)
	}
	_ = response.Body.Close()
	if response.StatusCode >= http.StatusInternalServerError {
		return nil, fmt.Errorf("the stack answers %s: see %s", response.Status, logPath)
	}
	return nil, nil
}
