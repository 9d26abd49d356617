package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"keepsake/infra/cloud/host"
	"keepsake/infra/cloud/iam"
)

// run is make run: it starts the stack, prints how to use it, and returns when it has ended.
func run(ctx context.Context, out io.Writer) error {
	host.EndWithParent() // when make dies, no stack is left behind
	set, err := readSettings(os.Getenv)
	if err != nil {
		return err
	}
	unlock, err := lockState()
	if err != nil {
		return err
	}
	defer unlock()
	listener, err := listen(set.port) // before anything slow
	if err != nil {
		return err
	}
	defer listener.Close()
	p, err := prepare(set, func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) })
	if err != nil {
		return err
	}
	defer p.log.Close()
	return runServices(ctx, p, listener)
}

// runServices starts the services in the order of the list, each with what it needs of those before
// it, and stops them in reverse when ctx or the engine ends.
func runServices(ctx context.Context, p plan, listener net.Listener) error {
	policies, err := iam.New(p.template)
	if err != nil {
		return err
	}
	db := &dynamoDB{elsewhere: p.dynamodb, template: p.template, say: p.say, log: p.log}
	keys := &keyService{keys: p.template.Keys, log: p.log}
	bridge := &containerEndpoint{
		address: p.bridge, docker: p.docker, policies: policies, db: db, keys: keys, say: p.say, log: p.log,
	}
	pool := &functionPool{template: p.template, policies: policies, retention: p.retention, db: db, keys: keys, log: p.log}
	token := &localToken{db: db}
	api := &httpAPI{listener: listener, template: p.template, pool: pool, log: p.log}

	stop, err := startAll(ctx,
		db,
		keys,
		bridge,
		pool,
		&streams{template: p.template, policies: policies, db: db, pool: pool, log: p.log},
		&sweeps{db: db, purge: p.purge, log: p.log},
		token,
		api,
		&firstRequest{api: api, say: p.say},
		&containerVariables{functions: p.template.Functions, endpoint: bridge, pool: pool},
		&environmentFile{api: api, token: token, db: db, keys: keys, pool: pool, originKey: p.template.Parameters["OriginKey"]},
		&schedules{functions: p.template.Functions, purge: p.purge, pool: pool, log: p.log},
	)
	defer stop()
	if err != nil {
		return err
	}
	greet(p.say, api.url(), token.value)
	select {
	case <-ctx.Done():
		p.say("ending")
		return nil
	case <-db.ended():
		return fmt.Errorf("the DynamoDB engine has ended by itself: see %s", logPath)
	}
}

// listen takes the port that clients talk to.
func listen(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		other := port + 1
		if other > 65535 {
			other = defaultPort
		}
		return nil, fmt.Errorf("port %d is taken: PORT=%d make run", port, other)
	} else if err != nil {
		return nil, fmt.Errorf("PORT=%d: %w", port, err)
	}
	return listener, nil
}
