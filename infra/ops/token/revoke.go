package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"keepsake/infra/ops/internal/columns"
	"keepsake/infra/ops/internal/table"
	"keepsake/shared/auth"
)

// revoke revokes the token whose id is in TOKEN_ID.
func (t tool) revoke(ctx context.Context) error {
	id, err := readID(t.env.Get("TOKEN_ID"))
	if err != nil {
		return err
	}
	found, err := table.Find(ctx, t.env, table.Tokens)
	if err != nil {
		return err
	}
	caller, err := found.Caller(ctx)
	if err != nil {
		return err
	}
	token, err := auth.NewRegistry(found.DB, found.Name).Revoke(ctx, id, caller, t.now)
	if errors.Is(err, auth.ErrNoToken) {
		return fmt.Errorf("TOKEN_ID: this stack has no token %s: make tokens%s lists those it has", id, t.env.Stack())
	}
	if err != nil {
		return found.Explain(err)
	}
	_, err = fmt.Fprintf(t.out, "%s of %s was revoked at %s by %s: 60 seconds later no function accepts it\n",
		token.ID, places(token.Grant), columns.Time(token.RevokedAt), token.RevokedBy)
	return err
}

// readID refuses a token in the place of its id. No error repeats the text: it may be a mistyped token.
func readID(id string) (string, error) {
	switch {
	case id == "":
		return "", errors.New("TOKEN_ID is not set: make revoke-token TOKEN_ID=tok_…; make tokens lists the ids")
	case strings.Contains(id, "sk_"):
		return "", errors.New("TOKEN_ID is a token, not its id, and a token must not be in a command, which the shell's history keeps: make tokens lists the ids")
	case !auth.IsTokenID(id):
		return "", errors.New("TOKEN_ID is not the id of a token: it must be tok_ and 20 digits (0-9a-f); make tokens lists the ids")
	}
	return id, nil
}
