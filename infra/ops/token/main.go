// token mints, lists and revokes API tokens.
//
//	make -s token WORKSPACE=ws_x           prints a new token, alone on its line; it is never shown again
//	make -s tokens                         lists all tokens, without their secret parts
//	make -s revoke-token TOKEN_ID=tok_…    revokes a token, for good
//
// They use the stack that make run started in this checkout. With STACK=keepsake they use a deployed one,
// with your own permissions in AWS; set REGION if the profile does not. TOKENS_TABLE names a table without
// its stack.
//
// WORKSPACE is the workspace that owns the new token; WORKSPACES (ws_a,ws_b) are those that a broad token
// may act in. SCOPES (separated by spaces; default: all) is what it may do. EXPIRES (90d, 12h or 2027-01-31;
// default: never) is how long it is valid. DESCRIPTION is shown in the list. With WORKSPACE, the list shows
// only tokens that may act there.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"keepsake/infra/ops/internal/environment"
	"keepsake/infra/ops/internal/table"
	"keepsake/shared/auth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	t := tool{env: os.LookupEnv, now: time.Now(), out: os.Stdout, notes: os.Stderr}
	if err := t.run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tool is what a run works with. out is for programs: the token alone. notes are for people.
type tool struct {
	env        environment.Lookup
	now        time.Time
	out, notes io.Writer
}

func (t tool) run(ctx context.Context, args []string) error {
	if err := refuseUnknown(t.env); err != nil {
		return err
	}
	switch {
	case len(args) == 0:
		return t.mint(ctx)
	case len(args) == 1 && args[0] == "list":
		return t.list(ctx)
	case len(args) == 1 && args[0] == "revoke":
		return t.revoke(ctx)
	}
	return errors.New("usage: token [list | revoke]")
}

func (t tool) mint(ctx context.Context) error {
	grant, err := readGrant(t.env, t.now)
	if err != nil {
		return err
	}
	tokens, err := table.Find(ctx, t.env, table.Tokens)
	if err != nil {
		return err
	}
	if grant.CreatedBy, err = tokens.Caller(ctx); err != nil {
		return err
	}
	token, err := auth.Mint(ctx, tokens.DB, tokens.Name, grant)
	if err != nil {
		return tokens.Explain(err)
	}
	id := auth.TokenID(token)
	_, _ = fmt.Fprintf(t.notes, "%s, %s. Its scopes: %s. To end it: make revoke-token TOKEN_ID=%s%s\n",
		id, expiry(grant), join(grant.Scopes), id, t.env.Stack())
	_, err = fmt.Fprintln(t.out, token)
	return err
}
