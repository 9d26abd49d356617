package main

import (
	"context"

	"keepsake/infra/cloud/schedule"
	"keepsake/infra/template"
)

// startSchedules keeps the functions' schedules until the stack ends.
func (s *stack) startSchedules(context.Context) error {
	s.background(func(ctx context.Context) { schedule.Run(ctx, s.scheduled(), s.functions.Invoke, s.log) })
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
