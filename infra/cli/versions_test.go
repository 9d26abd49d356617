package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"keepsake/infra/cli/login"
	"keepsake/infra/cli/service"
	"keepsake/infra/cli/transfer"
)

// importer imports one secret with versions, into a workspace of its own.
type importer struct {
	t       *testing.T
	stack   *stack
	token   string
	service *service.Service
}

func newImporter(t *testing.T, s *stack, workspace string) importer {
	t.Helper()
	token := s.mint(workspace)
	made, err := service.New(service.Config{
		Address: s.url, Credential: login.Token(token, "a test"),
		Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return importer{t, s, token, made}
}

// run imports app/db with versions such as "a=1", whose id is a, and returns what was done.
func (i importer) run(versions ...string) string {
	i.t.Helper()
	item := transfer.Item{Name: "app/db", Source: "test app/db"}
	for _, text := range versions {
		id, value, _ := strings.Cut(text, "=")
		item.Versions = append(item.Versions, transfer.Version{ID: id, Value: value})
	}
	done := ""
	err := transfer.Import{Service: i.service, Report: func(r transfer.Result) { done = fmt.Sprint(r.Done, " ", r.Versions, r.Why) }}.Run(i.t.Context(),
		func(yield func(transfer.Item, error) bool) { yield(item, nil) })
	if err != nil {
		return "stopped"
	}
	return done
}

// values lists the values in Keepsake, the oldest first.
func (i importer) values() string {
	i.t.Helper()
	found, err := i.service.Find(i.t.Context(), "app/db")
	if err != nil {
		i.t.Fatal(err)
	}
	var out []string
	for n := range found.VersionCount {
		v, err := i.service.Read(i.t.Context(), service.Reference{Secret: "app/db", Version: fmt.Sprint(n + 1)})
		if err != nil {
			i.t.Fatal(err)
		}
		out = append(out, v.Text)
	}
	return strings.Join(out, " ")
}

func (i importer) want(done, values, got string) {
	i.t.Helper()
	if got != done {
		i.t.Errorf("the import did %q, want %q", got, done)
	}
	if now := i.values(); now != values {
		i.t.Errorf("the values are %q, want %q", now, values)
	}
}

func TestAnImportMakesEachVersionOnceAndTheSourcesCurrentOneLast(t *testing.T) {
	i := newImporter(t, startStack(t), "ws_versions")
	i.want("new 2", "1 2", i.run("a=1", "b=2"))
	i.want("unchanged 0", "1 2", i.run("a=1", "b=2"))
	i.want("changed 1", "1 2 3", i.run("a=1", "b=2", "c=3"))
	i.want("unchanged 0", "1 2 3", i.run("c=3")) // the source has forgotten its old ones
	i.want("changed 1", "1 2 3 2", i.run("a=1", "c=3", "b=2"))
	i.want("unchanged 0", "1 2 3 2", i.run("a=1", "c=3", "b=2"))
	i.want("changed 2", "1 2 3 2 4 5", i.run("c=3", "b=2", "d=4", "e=5"))
}

// Every request of an import is once the last one before it is stopped. The next run completes it.
func TestAnImportThatIsStoppedAnywhereIsCompletedByTheNext(t *testing.T) {
	s := startStack(t)
	for requests := range 12 {
		i := newImporter(t, s, fmt.Sprint("ws_stopped_", requests))
		s.mu.Lock()
		s.broken[i.token] = append(make([]int, requests), 403)
		s.mu.Unlock()
		first := i.run("a=1", "b=2", "c=3")
		s.mu.Lock()
		s.broken[i.token] = nil
		s.mu.Unlock()
		second := i.run("a=1", "b=2", "c=3")
		if got := i.values(); got != "1 2 3" {
			t.Errorf("stopped after %d requests (%s, then %s): %q", requests, first, second, got)
		}
	}
}

func TestASecretThatNoImportHasMadeGetsTheCurrentVersionIfItIsAnother(t *testing.T) {
	i := newImporter(t, startStack(t), "ws_foreign")
	i.want("new 1", "mine", i.run("=mine"))
	i.want("changed 1", "mine 2", i.run("a=1", "b=2"))
	i.want("unchanged 0", "mine 2", i.run("=2"))
	i.want("changed 1", "mine 2 mine", i.run("=mine"))
}
