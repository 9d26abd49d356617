package main

import (
	"fmt"
	"os"

	"keepsake/infra/template"
)

// prepare does what needs no child: it reads, checks and cleans up.
func (s *stack) prepare() (err error) {
	if s.template, err = template.Read(templatePath, parameters(os.Getenv)...); err != nil {
		return err
	}
	if s.bridge, err = bridgeAddress(s.settings.docker); err != nil {
		return err
	}
	for _, f := range s.template.Functions {
		if _, err := os.Stat(bootstrapPath(f.Name)); err != nil {
			return fmt.Errorf("%s is not built (%s is missing): make run builds it", f.Name, bootstrapPath(f.Name))
		}
	}
	if s.settings.fresh {
		s.say("starting empty")
		if err := forget(); err != nil {
			return err
		}
	}
	s.log, err = os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the stack's log: %w", err)
	}
	s.atEnd(func() { _ = s.log.Close() })
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
