// smoke runs the life of a secret on a deployed stack, through its public contract, and prints one line for
// each check: TOKEN=sk_akua_… make smoke URL=https://d123.cloudfront.net/v1. It checks what only a real
// deployment can show: the edge, its caches, and what happens to a request on the way.
//
// TOKEN must have all three scopes; best is a token of a workspace of its own. WORKSPACE names the workspace
// if the token may act in several. DIRECT_URL is the gateway's own address, which must be closed. STACK names
// the deployed stack. With it, smoke asks AWS, with your own permissions, whether the audit lines arrive,
// whether expiry is enabled, and whether the stream's filters are those of this checkout's template.
// AUDIT_TABLE names the audit table alone, without a stack.
//
// WAIT (60s) is how long to wait for what happens after a request. SCHEDULE_WAIT (3m) is how long to wait
// until the schedule, which runs once a minute, has validated a new credential. That takes up to a minute; a
// stack on this machine is not waited for unless SCHEDULE_WAIT is set. The credential is a Hetzner Cloud
// token of an impossible form, so that it is found invalid without being sent to Hetzner.
//
// The secrets that it makes are named "keepsake smoke test". They are hard-deleted at the end, even after a
// Ctrl-C.
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
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait until it has cleaned up
	set, err := readSettings(ctx, os.LookupEnv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if !newDeployment(set).examine(ctx, os.Stdout) {
		os.Exit(1)
	}
}
