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

// localToken is the token that make run prints.
type localToken struct {
	db *dynamoDB

	value string
}

// start keeps the token of the last run, since scripts may know it. If there is none, or if it has
// been revoked, start makes one.
func (t *localToken) start(ctx context.Context) (stop func(), err error) {
	known, err := envfile.Read(envfile.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	grant := auth.Grant{
		Workspace: localWorkspace, Scopes: auth.Scopes,
		CreatedAt: time.Now(), CreatedBy: "laptop", Description: "make run's own",
	}
	if t.value = known[envfile.Token]; strings.HasPrefix(t.value, tokenPrefix) {
		err = auth.Register(ctx, t.db.client(), tokensTable, t.value, grant)
		if !errors.Is(err, auth.ErrRevoked) {
			return nil, err
		}
	}
	t.value, err = auth.Mint(ctx, t.db.client(), tokensTable, grant)
	return nil, err
}
