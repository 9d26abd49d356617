// token mints, lists and revokes API tokens.
//
//	make -s token WORKSPACE=ws_x           prints a new one, alone on its line, this once
//	make -s tokens                         lists what is known of each
//	make -s revoke-token TOKEN_ID=tok_…    ends one, for good
//
// All three are for the stack that make run started in this checkout, or, with STACK=keepsake, for a
// deployed one: then with your own rights in AWS, and REGION if the profile does not say it.
// TOKENS_TABLE names a table without its stack.
//
// A new token is owned by the workspace in WORKSPACE, or is a broad one that may act in those in
// WORKSPACES (ws_a,ws_b). SCOPES, separated by spaces, says what it may do, all by default; EXPIRES
// until when (90d, 12h or 2027-01-31), for ever by default; DESCRIPTION what the list shall say.
// In a list, WORKSPACE shows those that may act there.
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

// tool is what one run works with. What programs read goes to out; what people read beside it goes
// to notes.
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
