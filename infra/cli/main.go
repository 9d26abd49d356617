// Command keepsake is the command line of a Keepsake service: it reads, sets, deletes and restores secrets by their
// names, and gives them to programs. infra/docs/cli.md shows every command.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set by make cli.
var version = "unreleased"

func main() { os.Exit(code()) }

// code runs the command line of this process and returns its exit code.
func code() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := newApp()
	return a.exitCode(root(a).ExecuteContext(ctx))
}
