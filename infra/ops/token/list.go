package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"keepsake/infra/ops/internal/columns"
	"keepsake/infra/ops/internal/table"
	"keepsake/shared/auth"
)

// list prints every token, valid, expired or revoked; with WORKSPACE only those that may act there.
func (t tool) list(ctx context.Context) error {
	acts, err := t.inWorkspace()
	if err != nil {
		return err
	}
	found, err := table.Find(ctx, t.env, table.Tokens)
	if err != nil {
		return err
	}
	tokens, err := auth.NewRegistry(found.DB, found.Name).List(ctx)
	if err != nil {
		return found.Explain(err)
	}
	var rows [][]string
	for _, token := range tokens {
		if acts(token.Grant) {
			rows = append(rows, row(token, t.now))
		}
	}
	if len(rows) == 0 {
		_, _ = fmt.Fprintln(t.notes, "there are no tokens: make token WORKSPACE=ws_x makes one")
	}
	return columns.Write(t.out, rows)
}

// inWorkspace returns whether a token or a trust is good in WORKSPACE; without WORKSPACE each is.
func (t tool) inWorkspace() (func(auth.Grant) bool, error) {
	workspace := t.env.Get("WORKSPACE")
	if workspace == "" {
		return func(auth.Grant) bool { return true }, nil
	}
	return func(g auth.Grant) bool {
		return g.Workspace == workspace || slices.Contains(g.Workspaces, workspace)
	}, checkWorkspace("WORKSPACE", workspace)
}

func row(t auth.Token, now time.Time) []string {
	return []string{
		t.ID, stateOf(t.Grant, t.RevokedAt, "revoked", now), places(t.Grant), join(t.Scopes), expiry(t.Grant),
		historyOf(t.Grant, "revoked", t.RevokedAt, t.RevokedBy),
	}
}

// stateOf says what a token or a trust is at now. over is the word for one that its owner has ended.
func stateOf(g auth.Grant, ended time.Time, over string, now time.Time) string {
	switch {
	case !ended.IsZero():
		return over
	case !g.ExpiresAt.IsZero() && !now.Before(g.ExpiresAt):
		return "expired"
	}
	return "good"
}

func places(g auth.Grant) string {
	if g.Workspace != "" {
		return g.Workspace
	}
	return strings.Join(g.Workspaces, ",")
}

// historyOf says who created a token or a trust, who ended it, and what it is for.
func historyOf(g auth.Grant, over string, ended time.Time, by string) string {
	words := "created -" // by an old version, which did not record it
	if !g.CreatedAt.IsZero() {
		words = "created " + columns.Time(g.CreatedAt) + " by " + g.CreatedBy
	}
	if !ended.IsZero() {
		words += ", " + over + " " + columns.Time(ended) + " by " + by
	}
	if g.Description != "" {
		words += ": " + g.Description
	}
	return words
}
