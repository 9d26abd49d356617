package main

import (
	"context"
	"slices"

	"keepsake/infra/cloud/schedule"
	"keepsake/infra/template"
)

// dueFunction is the purge that a schedule starts; the other one comes with the sweeps.
const dueFunction = "purge-due"

// startSchedules keeps the functions' schedules until the stack ends.
func (s *stack) startSchedules(context.Context) error {
	s.background(func(ctx context.Context) { schedule.Run(ctx, s.scheduled(), s.functions.Invoke, s.log) })
	return nil
}

// scheduled are the functions whose schedules are kept.
func (s *stack) scheduled() []template.Function {
	if s.settings.purge != purgeByTTL {
		return s.template.Functions
	}
	return slices.DeleteFunc(slices.Clone(s.template.Functions), func(f template.Function) bool { return f.Name == dueFunction })
}
