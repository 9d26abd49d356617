package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	// headerTime is how long a client may take to send a request's headers.
	headerTime = 10 * time.Second
	// drainTime is how long running requests may go on after the stack begins to end.
	drainTime = 3 * time.Second
	loopback  = "127.0.0.1"
)

// service is a part of the stack. It gets what it needs when it is made. The fields that others read (a
// URL, a token) are set when start returns.
type service interface {
	// start returns how to stop the service; nil if there is nothing to stop. If it fails halfway,
	// it returns how to stop that half.
	start(context.Context) (stop func(), err error)
}

// startAll starts the services one after the other. stop ends those that have started, the last one
// first: call it even if err is not nil.
func startAll(ctx context.Context, services ...service) (stop func(), err error) {
	var stops []func()
	stop = func() {
		for _, stopOne := range slices.Backward(stops) {
			stopOne()
		}
	}
	for _, s := range services {
		stopOne, err := s.start(ctx)
		if stopOne != nil {
			stops = append(stops, stopOne)
		}
		if err != nil {
			return stop, err
		}
	}
	return stop, nil
}

// background runs work until it is stopped. stop returns when work has.
func background(work func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { work(ctx) })
	return func() { cancel(); running.Wait() }
}

// openEndpoint listens on a free port of one of this machine's addresses.
func openEndpoint(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		return nil, fmt.Errorf("open a port for AWS's endpoints: %w", err)
	}
	return listener, nil
}

// serve hands requests to handler until it is stopped.
func serve(listener net.Listener, handler http.Handler, log io.Writer) (stop func()) {
	server := newServer(handler, log)
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }
}

// newServer returns a server that writes its complaints to out.
func newServer(handler http.Handler, out io.Writer) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTime, ErrorLog: log.New(out, "", log.LstdFlags),
	}
}
