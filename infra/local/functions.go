package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/envfile"
	"keepsake/infra/template"
)

// startFunctions gives the functions their endpoints and the Invoke API its functions.
func (s *stack) startFunctions(context.Context) error {
	services := wire.New(s.dynamodb, s.kms, iam.NewAccount(s.template).Guard)
	aws := http.NewServeMux()
	aws.Handle("/", services)
	var err error
	if s.aws, err = s.serve(aws); err != nil {
		return err
	}
	if err := s.openToContainers(services); err != nil {
		return err
	}
	var all []lambda.Function
	for _, f := range s.template.Functions {
		binary, err := filepath.Abs(bootstrapPath(f.Name))
		if err != nil {
			return fmt.Errorf("locate %s: %w", f.Name, err)
		}
		all = append(all, lambda.Function{
			Name: f.Name, Binary: binary, Timeout: f.Timeout, MemoryMB: f.MemoryMB,
			Environment: s.environment(f),
		})
	}
	s.functions = lambda.New(s.log, all...)
	s.atEnd(s.functions.Close)
	aws.Handle(lambda.InvokePath, s.functions)
	return nil
}

// environment is a function's variables as a process takes them.
func (s *stack) environment(f template.Function) []string {
	env := s.variables(f, s.aws)
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		pairs = append(pairs, name+"="+env[name])
	}
	return pairs
}

// variables is what the template gives a function, and where AWS is.
func (s *stack) variables(f template.Function, aws string) map[string]string {
	env := maps.Clone(f.Environment)
	if env == nil {
		env = map[string]string{}
	}
	env[envfile.DynamoDB], env[envfile.KMS] = aws, aws
	if _, has := env["RETENTION"]; has && s.settings.retention != "" {
		env["RETENTION"] = s.settings.retention
		env["SHORT_RETENTION"] = "laptop" // which a deployed stack never sets
	}
	return env
}
