// audit prints a secret's audit trail: make -s audit SECRET=sec_… prints one line for each event, oldest
// first, even after the secret's purge.
//
// WORKSPACE is the secret's workspace. Without STACK it may be left out: then it is that of make run's
// token. A change is in the trail some seconds later, since it gets there by the table's stream; a read of
// a value is there before the caller has the value. The trail is that of the stack that make run started
// in this checkout, or of the deployed one that STACK names, read with your own permissions in AWS.
// AUDIT_TABLE names a table without its stack.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"keepsake/infra/ops/internal/environment"
	"keepsake/infra/ops/internal/table"
	"keepsake/shared/audit"
	"keepsake/shared/auth"
	"keepsake/shared/secret"
)

// defaultWorkspace is that of make run's token.
const defaultWorkspace = "ws_local"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := show(ctx, os.LookupEnv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// show prints the trail of the secret that the environment names. An empty trail is an error.
func show(ctx context.Context, env environment.Lookup, out io.Writer) error {
	ref, err := readRef(env)
	if err != nil {
		return err
	}
	trail, err := table.Find(ctx, env, table.Audit)
	if err != nil {
		return err
	}
	lines, err := audit.NewReader(trail.DB, trail.Name).Read(ctx, ref)
	if err != nil {
		return trail.Explain(err)
	}
	if len(lines) == 0 {
		return fmt.Errorf("there is no trail of %s in %s: set WORKSPACE if it is in another workspace, or wait some seconds if it is new", ref.ID, ref.Workspace)
	}
	return write(out, lines)
}

// readRef reads which secret to show. An error names the variable that is wrong.
func readRef(env environment.Lookup) (secret.Ref, error) {
	ref := secret.Ref{Workspace: env.Get("WORKSPACE"), ID: env.Get("SECRET")}
	if ref.Workspace == "" && env.Get("STACK") == "" {
		ref.Workspace = defaultWorkspace
	}
	switch {
	case ref.ID == "":
		return ref, errors.New("SECRET is not set: make -s audit SECRET=sec_…")
	case ref.Workspace == "":
		return ref, errors.New("WORKSPACE is not set: a deployed stack has no default workspace")
	case !ref.Plausible():
		return ref, fmt.Errorf("SECRET: %q is not a secret's id: it must be sec_ and up to 50 letters and digits", ref.ID)
	}
	if err := auth.CheckWorkspace(ref.Workspace); err != nil {
		return ref, fmt.Errorf("WORKSPACE: %w", err)
	}
	return ref, nil
}
