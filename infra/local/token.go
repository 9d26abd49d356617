package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

	"keepsake/infra/envfile"
	"keepsake/shared/auth"
)

const (
	// localWorkspace owns the token of the stack.
	localWorkspace = "ws_local"
	tokenPrefix    = "sk_akua_"
)

// provideToken keeps the token of the last run, which scripts may know, unless it has been revoked,
// or makes one.
func (s *stack) provideToken(ctx context.Context) error {
	known, err := envfile.Read(envfile.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	grant := auth.Grant{
		Workspace: localWorkspace, Scopes: auth.Scopes,
		CreatedAt: time.Now(), CreatedBy: "laptop", Description: "make run's own",
	}
	if s.token = known[envfile.Token]; strings.HasPrefix(s.token, tokenPrefix) {
		err = auth.Register(ctx, s.database(), tokensTable, s.token, grant)
		if !errors.Is(err, auth.ErrRevoked) {
			return err
		}
	}
	s.token, err = auth.Mint(ctx, s.database(), tokensTable, grant)
	return err
}
