// local is the laptop cloud: what make run starts. It reads template.yaml and runs what it says,
// without Docker and without AWS.
//
//	local [run]        the stack, until Ctrl-C
//	local engine       installs the DynamoDB engine and prints its path
//	local invoke NAME  sends events/NAME.json to a function of the running stack
//	local event NAME   prints what that would send
//	local containers [NAME…]  does it in real containers, by sam local invoke; to all by default
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

// repeatGrace is how long a second signal counts as the first: a Ctrl-C reaches the stack from the
// terminal and again from make, which a person did not mean.
const repeatGrace = time.Second

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	go watchSignals(cancel)
	err := command(ctx, os.Args[1:])
	if err != nil && ctx.Err() == nil { // what fails because it was interrupted has not failed
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// watchSignals ends the program in order on the first SIGINT, SIGTERM or SIGHUP (its terminal is
// closed), and at once on another.
func watchSignals(end func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as it is for nohup make run
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
