package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"keepsake/infra/cloud/engine"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/template"
)

const (
	// headerTime is how long a client may take to send a request's headers.
	headerTime = 10 * time.Second
	// drainTime is how long requests that are in work may go on when the stack ends.
	drainTime = 3 * time.Second
)

// stack is the laptop cloud while it runs.
type stack struct {
	settings settings
	door     net.Listener // what clients talk to
	out      io.Writer
	log      *os.File
	template *template.Template

	engine   *engine.Engine // nil if one runs elsewhere
	dynamodb string         // URLs
	kms      string
	aws      string // DynamoDB and KMS as functions see them, and the Invoke API
	token    string

	bridge     string // where containers reach this machine; empty: they do not
	containers string // the URL of DynamoDB and KMS as a function in a container sees them

	functions *lambda.Pool
	ends      []func()
}

func (s *stack) say(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

// atEnd has something done when the stack ends; the last one asked for comes first.
func (s *stack) atEnd(what func()) { s.ends = append(s.ends, what) }

func (s *stack) end() {
	for _, what := range slices.Backward(s.ends) {
		what()
	}
}

// background does something until the stack ends.
func (s *stack) background(what func(context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { what(ctx) })
	s.atEnd(func() { stop(); running.Wait() })
}

// serve answers on a free port of the loopback interface.
func (s *stack) serve(handler http.Handler) (url string, err error) {
	port, err := s.serveAt("127.0.0.1", handler)
	return "http://127.0.0.1:" + port, err
}

// serveAt answers on a free port of an address of this machine.
func (s *stack) serveAt(address string, handler http.Handler) (port string, err error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		return "", fmt.Errorf("open a port for AWS's endpoints: %w", err)
	}
	server := s.server(handler)
	go func() { _ = server.Serve(listener) }()
	s.atEnd(func() { _ = server.Close() })
	_, port, err = net.SplitHostPort(listener.Addr().String())
	return port, err
}

// server answers by handler. What it has to complain about is for the log.
func (s *stack) server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTime, ErrorLog: log.New(s.log, "", log.LstdFlags),
	}
}
