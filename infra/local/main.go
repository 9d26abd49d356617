// Command local is the laptop cloud, which make run starts. It runs what template.yaml declares,
// without Docker and without AWS.
//
//	local [run]               runs the stack until Ctrl-C
//	local engine              installs the DynamoDB engine and prints its path
//	local invoke NAME         sends events/NAME.json to a function of the running stack
//	local event NAME          prints the event that invoke would send
//	local containers [NAME…]  invokes functions, by default all, in containers, by sam local invoke
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"keepsake/infra/cloud/engine"
)

// repeatGrace is how long a second signal counts as the first: one Ctrl-C reaches the stack twice,
// from the terminal and from make.
const repeatGrace = time.Second

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	go watchSignals(cancel)
	err := command(ctx, os.Args[1:])
	if err != nil && ctx.Err() == nil { // an interruption is not a failure
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// watchSignals calls end on the first SIGINT, SIGTERM or SIGHUP (the terminal has closed), and exits at
// once on another.
func watchSignals(end func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup make run
		signal.Notify(signals, syscall.SIGHUP)
	}
	<-signals
	end()
	first := time.Now()
	for range signals {
		if time.Since(first) > repeatGrace {
			os.Exit(1)
		}
	}
}

func command(ctx context.Context, args []string) error {
	switch {
	case len(args) == 0 || len(args) == 1 && args[0] == "run":
		return run(ctx, os.Stdout)
	case len(args) == 1 && args[0] == "engine":
		return installEngine(ctx)
	case len(args) == 2 && args[0] == "invoke":
		return invoke(ctx, args[1], os.Stdout, os.Stderr)
	case len(args) == 2 && args[0] == "event":
		return printEvent(ctx, args[1], os.Stdout, os.Stderr)
	case len(args) > 0 && args[0] == "containers":
		return invokeInContainers(ctx, args[1:], os.Stdout)
	}
	return errors.New("usage: local [run | engine | invoke NAME | event NAME | containers [NAME…]]")
}

func installEngine(ctx context.Context) error {
	path, err := engine.Install(ctx, engineDir, func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, format+"\n", args...)
	})
	if err != nil {
		return err
	}
	if path, err = filepath.Abs(path); err != nil {
		return fmt.Errorf("locate the engine: %w", err)
	}
	fmt.Println(path)
	return nil
}
