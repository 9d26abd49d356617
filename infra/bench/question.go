package main

import (
	"context"
	"fmt"
	"time"

	"keepsake/infra/bench/count"
	"keepsake/infra/bench/page"
	"keepsake/infra/bench/stage"
)

// question is what is asked of each seed.
type question struct {
	count.Case
	request stage.Request
	base    int // the table whose time is 1
}

// questions are what is asked of a table, or of the one secret in it that was really created.
func questions(id string) []question {
	trash := map[string]string{"state": "soft_deleted"}
	const first, firstWithTrash = 0, 1
	return []question{
		{named("get"), stage.Request{ID: id}, first},
		{named("list, 50"), stage.Request{}, first},
		{renamed("list, 50", "list trash"), stage.Request{Query: trash}, firstWithTrash},
		{named("access, latest"), stage.Request{ID: id, Vid: "latest"}, first},
		{named("list versions"), stage.Request{ID: id}, first},
		{named("create"), stage.Request{}, first},
		{named("purge-due, nothing due"), stage.Request{}, first},
	}
}

func renamed(name, other string) count.Case {
	c := named(name)
	c.Name = other
	return c
}

func named(name string) count.Case {
	for _, c := range count.Cases {
		if c.Name == name {
			return c
		}
	}
	panic("there is no case " + name)
}

// ask asks each table the question: once to count, and then in rounds.
func ask(ctx context.Context, all []*grown, q question) ([]page.Growth, error) {
	out := make([]page.Growth, len(all))
	took := make([][]time.Duration, len(all))
	for n, g := range all {
		c, err := q.CountOf(ctx, g.Stage, q.request)
		if err != nil {
			return nil, err
		}
		out[n] = page.Growth{
			Question: q.Name, Rows: g.rows, Deleted: g.deleted, Versions: g.versions + 1,
			ReadUnits: c.ReadUnits, WriteUnits: c.WriteUnits, Steps: len(c.Steps),
		}
	}
	for round := range growthRounds + 1 {
		for i := range all {
			n := (i + round) % len(all)
			one, err := askOften(all[n], q)
			if err != nil {
				return nil, err
			}
			if round > 0 { // the first only warms up
				took[n] = append(took[n], one)
			}
		}
	}
	for n := range all {
		out[n].Ratio = page.MedianRatio(took[n], took[q.base])
	}
	return out, nil
}

// askOften returns the processor time of one call, on the average.
func askOften(g *grown, q question) (time.Duration, error) {
	p, err := g.Process(q.Function)
	if err != nil {
		return 0, err
	}
	event, err := g.Event(q.Function, q.request)
	if err != nil {
		return 0, err
	}
	c := contender{Process: p, want: fmt.Sprintf(`"statusCode":%d`, q.Status)}
	if q.Status == 0 {
		c.want = "null"
	}
	return c.call(event, growthCalls)
}
