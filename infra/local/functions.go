package main

import (
	"context"
	"fmt"
	"io"
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

// guarded is DynamoDB and KMS as functions reach them: each function may do what its role allows.
func guarded(policies *iam.Policies, db *dynamoDB, keys *keyService) http.Handler {
	return wire.New(db.url, keys.url, policies.Guard)
}

// functionPool is Lambda with the template's functions, and the endpoint at which they find AWS.
type functionPool struct {
	template  *template.Template
	policies  *iam.Policies
	retention string // replaces the template's; empty: keep that one
	db        *dynamoDB
	keys      *keyService
	log       io.Writer

	url string // DynamoDB and KMS as functions see them, and the Invoke API
	*lambda.Pool
}

func (p *functionPool) start(context.Context) (stop func(), err error) {
	listener, err := openEndpoint(loopback)
	if err != nil {
		return nil, err
	}
	p.url = "http://" + listener.Addr().String()
	functions, err := p.functions()
	if err != nil {
		return func() { _ = listener.Close() }, err
	}
	p.Pool = lambda.New(p.log, functions...)
	endpoint := http.NewServeMux()
	endpoint.Handle("/", guarded(p.policies, p.db, p.keys))
	endpoint.Handle(lambda.InvokePath, p.Pool)
	stopServing := serve(listener, endpoint, p.log)
	return func() { p.Close(); stopServing() }, nil
}

// functions are the template's, as they were built for this machine.
func (p *functionPool) functions() ([]lambda.Function, error) {
	var all []lambda.Function
	for _, f := range p.template.Functions {
		binary, err := filepath.Abs(bootstrapPath(f.Name))
		if err != nil {
			return nil, fmt.Errorf("locate %s: %w", f.Name, err)
		}
		all = append(all, lambda.Function{
			Name: f.Name, Binary: binary, Timeout: f.Timeout, MemoryMB: f.MemoryMB,
			Environment: p.environment(f),
		})
	}
	return all, nil
}

// environment is a function's variables as a process takes them.
func (p *functionPool) environment(f template.Function) []string {
	env := p.variables(f, p.url)
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		pairs = append(pairs, name+"="+env[name])
	}
	return pairs
}

// variables are those that the template gives a function, and aws, the URL at which it finds
// DynamoDB and KMS.
func (p *functionPool) variables(f template.Function, aws string) map[string]string {
	env := maps.Clone(f.Environment)
	if env == nil {
		env = map[string]string{}
	}
	env[envfile.DynamoDB], env[envfile.KMS] = aws, aws
	if _, has := env["RETENTION"]; has && p.retention != "" {
		env["RETENTION"] = p.retention
		env["SHORT_RETENTION"] = "laptop" // which a deployed stack never sets
	}
	return env
}
