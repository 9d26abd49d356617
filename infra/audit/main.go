// audit prints a secret's audit trail: make -s audit SECRET=sec_… prints all that happened to it,
// oldest first, one line each, after its purge too.
//
// WORKSPACE names the secret's workspace; by default it is the one that make run's token is for.
// Changes come to the trail by the table's stream, within seconds; reads of a value are there before
// the value is. The trail is that of the stack that make run started in this checkout, or of a
// deployed one, where AUDIT_TABLE names the table and AWS's own variables the account.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"keepsake/infra/local/envfile"
	"keepsake/infra/local/place"
	"keepsake/shared/audit"
	"keepsake/shared/auth"
	"keepsake/shared/secret"
)

// defaultWorkspace is the one of make run's token.
const defaultWorkspace = "ws_local"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := show(ctx, os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// show prints the trail of the secret that the environment names. It is an error if there is none.
func show(ctx context.Context, getenv func(string) string, out io.Writer) error {
	ref, err := readRef(getenv)
	if err != nil {
		return err
	}
	trail, err := place.Find(getenv, envfile.Audit)
	if err != nil {
		return err
	}
	db, err := trail.Database(ctx)
	if err != nil {
		return err
	}
	lines, err := audit.NewReader(db, trail.Table).Read(ctx, ref)
	if err != nil {
		return trail.Explain(err)
	}
	if len(lines) == 0 {
		return fmt.Errorf("nothing is known of %s in %s: WORKSPACE=ws_x names another workspace; a change takes some seconds to be here", ref.ID, ref.Workspace)
	}
	return write(out, lines)
}

// readRef reads which secret is meant. An error names the variable that is wrong.
func readRef(getenv func(string) string) (secret.Ref, error) {
	ref := secret.Ref{Workspace: getenv("WORKSPACE"), ID: getenv("SECRET")}
	if ref.Workspace == "" {
		ref.Workspace = defaultWorkspace
	}
	switch {
	case ref.ID == "":
		return ref, errors.New("SECRET is not set: make -s audit SECRET=sec_…")
	case !ref.Plausible():
		return ref, fmt.Errorf("SECRET: %q is not a secret's id: it must be sec_ and up to 50 letters and digits", ref.ID)
	case !auth.IsWorkspace(ref.Workspace):
		return ref, fmt.Errorf("WORKSPACE: %q is not a workspace: it must be ws_ and up to 50 letters, digits, _ or -", ref.Workspace)
	}
	return ref, nil
}
