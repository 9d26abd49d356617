// token mints an API token: make -s token WORKSPACE=ws_x prints it, alone on its line.
//
// WORKSPACE names the workspace that owns the token, or WORKSPACES (ws_a,ws_b) those that a broad
// one may act in. SCOPES, separated by spaces, says what it may do; all by default. The token is for
// the stack that make run started in this checkout, or for a deployed one, where TOKENS_TABLE names
// the table and AWS's own variables the account.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"keepsake/infra/local/envfile"
	"keepsake/infra/local/place"
	"keepsake/shared/auth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	token, err := mint(ctx, os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(token)
}

func mint(ctx context.Context, getenv func(string) string) (string, error) {
	grant, err := readGrant(getenv)
	if err != nil {
		return "", err
	}
	tokens, err := place.Find(getenv, envfile.Tokens)
	if err != nil {
		return "", err
	}
	db, err := tokens.Database(ctx)
	if err != nil {
		return "", err
	}
	token, err := auth.Mint(ctx, db, tokens.Table, grant)
	return token, tokens.Explain(err)
}
