package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"keepsake/infra/bench/page"
	"keepsake/infra/bench/stage"
)

// versionsOfOne is how many versions the one secret with many versions has.
const versionsOfOne = 10_000

// Each table is asked in so many rounds, of so many calls.
const growthRounds, growthCalls = 11, 20

// seeds are what is compared with the first of them.
func seeds() []seed {
	return []seed{
		{rows: 100, versions: 1},
		{rows: 100, versions: 1, deleted: 0.9},
		{rows: 10_000, versions: 1},
		{rows: 10_000, versions: 1, deleted: 0.9},
		{rows: size("ROWS"), versions: 1, deleted: 0.9},
		{rows: 100, versions: versionsOfOne - 1},
	}
}

// measureGrowth asks tables of all sizes the same. They are open at the same time, so that the rounds can
// alternate.
func measureGrowth(ctx context.Context, s *stage.Stage) ([]page.Growth, error) {
	p, err := newPrototypes(ctx, s)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(s.Folder, "growth")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	var all []*grown
	for i, data := range seeds() {
		g := &grown{seed: data, path: filepath.Join(folder, fmt.Sprintf("%d.db", i))}
		defer g.close()
		all = append(all, g)
	}
	if err := importAll(ctx, s, p, all); err != nil {
		return nil, err
	}
	for _, g := range all {
		if g.Stage, err = stage.Open(ctx, stage.Data(g.path), stage.KeysOf(s)); err != nil {
			return nil, err
		}
		// The newest version is the product's own: it can be opened.
		if _, err := g.Call("create-secret-version", stage.Request{ID: p.active.id}); err != nil {
			return nil, err
		}
	}
	var out []page.Growth
	for _, q := range questions(p.active.id) {
		asked, err := ask(ctx, all, q)
		if err != nil {
			return nil, fmt.Errorf("growth, %s: %w", q.Name, err)
		}
		out = append(out, asked...)
	}
	return out, nil
}

// importAll writes the tables' databases, two at a time, the largest first.
func importAll(ctx context.Context, s *stage.Stage, p prototypes, all []*grown) error {
	errs := make([]error, len(all))
	slots := make(chan struct{}, 2)
	var imports sync.WaitGroup
	for i, g := range slices.Backward(all) {
		slots <- struct{}{}
		imports.Go(func() {
			errs[i] = p.write(ctx, s.Engine, g.seed, g.path)
			<-slots
		})
	}
	imports.Wait()
	return errors.Join(errs...)
}

// grown is a table of some size.
type grown struct {
	*stage.Stage
	seed
	path string
}

func (g *grown) close() {
	if g.Stage != nil {
		g.Close()
	}
}
