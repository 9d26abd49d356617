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
	workspace := t.env.Get("WORKSPACE")
	if workspace != "" {
		if err := checkWorkspace("WORKSPACE", workspace); err != nil {
			return err
		}
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
		if workspace == "" || token.Workspace == workspace || slices.Contains(token.Workspaces, workspace) {
			rows = append(rows, row(token, t.now))
		}
	}
	if len(rows) == 0 {
		_, _ = fmt.Fprintln(t.notes, "there are no tokens: make token WORKSPACE=ws_x makes one")
	}
	return columns.Write(t.out, rows)
}

func row(t auth.Token, now time.Time) []string {
	return []string{t.ID, state(t, now), workspaces(t), join(t.Scopes), expiry(t.Grant), history(t)}
}

func state(t auth.Token, now time.Time) string {
	switch {
	case !t.RevokedAt.IsZero():
		return "revoked"
	case !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt):
		return "expired"
	}
	return "good"
}

func workspaces(t auth.Token) string {
	if t.Workspace != "" {
		return t.Workspace
	}
	return strings.Join(t.Workspaces, ",")
}

// history says who created the token, who revoked it, and what it is for.
func history(t auth.Token) string {
	words := "created -" // by an old version, which did not record it
	if !t.CreatedAt.IsZero() {
		words = "created " + columns.Time(t.CreatedAt) + " by " + t.CreatedBy
	}
	if !t.RevokedAt.IsZero() {
		words += ", revoked " + columns.Time(t.RevokedAt) + " by " + t.RevokedBy
	}
	if t.Description != "" {
		words += ": " + t.Description
	}
	return words
}
