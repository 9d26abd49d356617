// token mints, lists and revokes API tokens, and makes, lists and ends trusts in other issuers' tokens.
//
//	make -s token WORKSPACE=ws_x           prints a new token, alone on its line; it is never shown again
//	make -s tokens                         lists all tokens, without their secret parts
//	make -s revoke-token TOKEN_ID=tok_…    revokes a token, for good
//	make -s trust ISSUER=https://… …       prints the id of a new trust, alone on its line
//	make -s trusts                         lists all trusts
//	make -s end-trust TRUST_ID=tru_…       ends a trust, for good
//
// They use the stack that make run started in this checkout. With STACK=keepsake they use a deployed one,
// with your own permissions in AWS; set REGION if the profile does not. TOKENS_TABLE names a table without
// its stack.
//
// WORKSPACE is the workspace that owns the new token; WORKSPACES (ws_a,ws_b) are those that a broad token
// may act in. SCOPES (separated by spaces; default: all) is what it may do. EXPIRES (90d, 12h or 2027-01-31;
// default: never) is how long it is valid. DESCRIPTION is shown in the list. With WORKSPACE, the list shows
// only tokens that may act there.
//
// A trust takes tokens of ISSUER (the claim iss) for AUDIENCE (one of aud) whose sub fits SUB, a pattern with *. A claim
// x must fit CLAIM_x; CLAIMS (name=pattern, separated by spaces) is for names that a variable cannot have, such as
// cognito:groups or kubernetes.io.namespace. Such a token may do what a token of Keepsake's with the same WORKSPACE or
// WORKSPACES, SCOPES (without a default) and EXPIRES may do. EVERYBODY=1 allows a pattern that lets in everybody.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"keepsake/infra/ops/internal/environment"
	"keepsake/infra/ops/internal/table"
	"keepsake/shared/auth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	t := tool{env: os.LookupEnv, names: environment.Names(os.Environ()), now: time.Now(), out: os.Stdout, notes: os.Stderr}
	if err := t.run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tool is what a run works with. out is for programs: the token or the trust's id alone. notes are for people.
type tool struct {
	env        environment.Lookup
	names      []string // of all variables in env
	now        time.Time
	out, notes io.Writer
}

func (t tool) run(ctx context.Context, args []string) error {
	verbs := map[string]struct {
		run  func(context.Context) error
		read []string
	}{
		"":          {t.mint, tokenVariables},
		"list":      {t.list, tokenVariables},
		"revoke":    {t.revoke, tokenVariables},
		"trust":     {t.trust, trustVariables},
		"trusts":    {t.trusts, trustVariables},
		"end-trust": {t.endTrust, trustVariables},
	}
	verb, ok := verbs[strings.Join(args, " ")]
	if !ok {
		return errors.New("usage: token [list | revoke | trust | trusts | end-trust]")
	}
	if err := t.refuseUnknown(verb.read); err != nil {
		return err
	}
	return verb.run(ctx)
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
