package main

import (
	"context"
	"io"
	"slices"

	"keepsake/infra/cloud/schedule"
	"keepsake/infra/template"
)

// scheduledPurge is the purge that a schedule starts. The other purge reads the table's stream.
const scheduledPurge = "purge-due"

// schedules start functions at the template's rates.
type schedules struct {
	functions []template.Function
	purge     string // of the settings
	pool      *functionPool
	log       io.Writer
}

func (s *schedules) start(context.Context) (stop func(), err error) {
	return background(func(ctx context.Context) { schedule.Run(ctx, s.kept(), s.pool.Invoke, s.log) }), nil
}

// kept are the functions whose schedules are kept: PURGE=ttl takes the scheduled purge out.
func (s *schedules) kept() []template.Function {
	if s.purge != purgeByTTL {
		return s.functions
	}
	return slices.DeleteFunc(slices.Clone(s.functions), func(f template.Function) bool { return f.Name == scheduledPurge })
}
