package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"keepsake/infra/envfile"
	"keepsake/shared/auth"
)

const (
	// localWorkspace owns the token of the stack.
	localWorkspace = "ws_local"
	tokensTable    = "TokensTable"
	auditTable     = "AuditTable"
	tokenPrefix    = "sk_akua_"
	// answerTime is how long the first request may take: a function starts for it.
	answerTime = 15 * time.Second
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

// publish tells other programs where the stack is: one that answers.
func (s *stack) publish(context.Context) error {
	if err := s.publishToContainers(); err != nil {
		return err
	}
	return envfile.Write(envfile.Path,
		envfile.BaseURL+"="+s.baseURL(),
		envfile.Token+"="+s.token,
		envfile.DynamoDB+"="+s.dynamodb,
		envfile.KMS+"="+s.kms,
		envfile.Lambda+"="+s.aws,
		envfile.Tokens+"="+tokensTable,
		envfile.Audit+"="+auditTable,
		envfile.OriginKey+"="+s.template.Parameters["OriginKey"])
}

func (s *stack) baseURL() string { return "http://" + s.door.Addr().String() + "/v1" }

// awaitAnswer sends a request all the way through: when it comes back the stack is ready.
func (s *stack) awaitAnswer(ctx context.Context) error {
	s.say("starting a function")
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.baseURL()+"/", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("the stack does not answer (see %s): %w", logPath, err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("the stack answers %s: see %s", answer.Status, logPath)
	}
	return nil
}

func (s *stack) greet() {
	s.say(`
Keepsake is up. Its KMS is a stand-in that protects nothing: no real secrets here.

  address  %[1]s
  token    %[2]s   (workspace %[3]s; both are in %[4]s)
  log      %[5]s

Create a first secret:

  curl -sS -X POST %[1]s/secrets -H 'Authorization: Bearer %[2]s' -H 'Content-Type: application/json' -d '{"name":"db-password","kind":"generic","value":"correct horse"}'

Ctrl-C ends it.`, s.baseURL(), s.token, localWorkspace, envfile.Path, logPath)
}
