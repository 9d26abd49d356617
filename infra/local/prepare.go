package main

import (
	"fmt"
	"os"

	"keepsake/infra/template"
)

// printer prints a line for the person who runs the stack.
type printer func(format string, args ...any)

// plan is what the services are made from.
type plan struct {
	settings
	template *template.Template
	bridge   string // where containers reach this machine; empty: they do not
	log      *os.File
	say      printer
}

// prepare reads, checks and cleans up. It starts no process. The caller closes the plan's log.
func prepare(set settings, say printer) (p plan, err error) {
	p = plan{settings: set, say: say}
	if p.template, err = template.Read(templatePath, parameters(os.Getenv)...); err != nil {
		return p, err
	}
	if p.bridge, err = bridgeAddress(set.docker); err != nil {
		return p, err
	}
	for _, f := range p.template.Functions {
		if _, err := os.Stat(bootstrapPath(f.Name)); err != nil {
			return p, fmt.Errorf("%s is not built (%s is missing): make run builds it", f.Name, bootstrapPath(f.Name))
		}
	}
	if set.fresh {
		say("starting empty")
		if err := forget(); err != nil {
			return p, err
		}
	}
	p.log, err = os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return p, fmt.Errorf("open the stack's log: %w", err)
	}
	return p, nil
}

// outside lists the template's parameters that name services outside the stack, by the environment
// variable that replaces each.
var outside = map[string]string{
	"HCLOUD_URL":   "HcloudUrl",
	"JWT_ISSUER":   "JwtIssuer",
	"JWT_AUDIENCE": "JwtAudience",
	"JWT_JWKS_URL": "JwtJwksUrl",

	"CONSOLE_CLIENT_ID":    "ConsoleClientId",
	"CONSOLE_SCOPE":        "ConsoleScope",
	"CONSOLE_TOKEN_ORIGIN": "ConsoleTokenOrigin",
}

// parameters returns the template's parameters whose values the environment replaces.
func parameters(getenv func(string) string) []template.Override {
	var all []template.Override
	for variable, parameter := range outside {
		if value := getenv(variable); value != "" {
			all = append(all, template.With(parameter, value))
		}
	}
	return all
}
