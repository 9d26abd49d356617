package main

import (
	"context"
	"sync"

	"keepsake/infra/local/schedule"
	"keepsake/infra/local/template"
)

// startSchedules keeps the functions' schedules until the stack ends.
func (s *stack) startSchedules(context.Context) error {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { schedule.Run(ctx, s.template.Functions, s.functions.Invoke, s.log) })
	s.atEnd(func() { stop(); running.Wait() })
	return nil
}

// outside are the template's parameters that name other services, by the variable that replaces
// them on a laptop.
var outside = map[string]string{
	"HCLOUD_URL":   "HcloudUrl",
	"JWT_ISSUER":   "JwtIssuer",
	"JWT_AUDIENCE": "JwtAudience",
	"JWT_JWKS_URL": "JwtJwksUrl",
}

// parameters are the template's values that the environment replaces.
func parameters(getenv func(string) string) []template.Override {
	var all []template.Override
	for variable, parameter := range outside {
		if value := getenv(variable); value != "" {
			all = append(all, template.With(parameter, value))
		}
	}
	return all
}
