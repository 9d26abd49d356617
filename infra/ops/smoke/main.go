// smoke runs the life of a secret on a deployed stack, through its public contract, and prints one
// line a check: TOKEN=sk_akua_… make smoke URL=https://d123.cloudfront.net/v1. It is for what only a
// real deployment can show: the edge, its caches, what the machines on the way do to a request.
//
// TOKEN needs all three scopes; a workspace of its own is best. WORKSPACE names the workspace if the
// token may act in several. DIRECT_URL is the gateway's own address, which must be closed. STACK
// names the deployed stack: AWS is then asked, with your own rights in it, whether the audit lines arrive,
// whether expiry is enabled, and whether the stream's filters are those of this checkout's template.
// AUDIT_TABLE names the audit table alone, without a stack.
//
// WAIT says how long to wait for what comes by itself (60s), SCHEDULE_WAIT how long for the schedule to
// look at a new credential (3m; it ticks once a minute). That takes up to a minute of the run, and on
// this machine, where runs are many and short, it is left out unless SCHEDULE_WAIT is set. The credential
// is a Hetzner Cloud token of no possible form, which is found invalid without being sent to Hetzner.
//
// What it makes is named "keepsake smoke test" and hard-deleted at the end, after a Ctrl-C too.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for the cleaning
	set, err := readSettings(ctx, os.LookupEnv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if !newDeployment(set).examine(ctx, os.Stdout) {
		os.Exit(1)
	}
}
