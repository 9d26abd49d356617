// limits writes the page about how far a stack goes: make limits runs each operation of the service against the
// DynamoDB engine, notes the keys that it touches, plays DynamoDB's partitions with many of them and writes
// infra/docs/limits.md.
//
// page.md.tmpl has the page's prose, which is written by hand. traces.json has the keys of the last run, quotas.json
// what AWS allows an account. A test fails if the page is not what these files give, if the code now touches other
// keys, or if decision 42 quotes other figures.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"keepsake/infra/bench/stage"
	"keepsake/infra/cloud/host"
	"keepsake/infra/limits/trace"
)

// The files of this program, from the repository's root.
const (
	tracesFile   = "infra/limits/traces.json"
	quotasFile   = "infra/limits/quotas.json"
	templateFile = "infra/limits/page.md.tmpl"
	pageFile     = "infra/docs/limits.md"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := rewrite(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// rewrite traces anew and writes the traces and the page.
func rewrite(ctx context.Context) error {
	root, err := host.FindUp("go.mod")
	if err != nil {
		return err
	}
	s, err := stage.Open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	traces, err := trace.All(ctx, s)
	if err != nil {
		return err
	}
	if err := writeTraces(filepath.Join(root, tracesFile), traces); err != nil {
		return err
	}
	d, err := readData(root)
	if err != nil {
		return err
	}
	page, err := writePage(root, newModel(d))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, pageFile), page, 0o644)
}
