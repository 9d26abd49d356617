package stage

import (
	"slices"

	"keepsake/infra/cloud/lambda"
)

// Call runs a function on a request, in a process that stays for the next call.
func (s *Stage) Call(function string, r Request) (Answer, error) {
	p, err := s.Process(function)
	if err != nil {
		return Answer{}, err
	}
	return p.Call(r)
}

// Process returns the function's process that Call uses. It starts it if need be.
func (s *Stage) Process(function string) (*Process, error) {
	if p := s.running[function]; p != nil && p.Alive() {
		return p, nil
	}
	p, err := s.Start(function)
	if err == nil {
		s.running[function] = p
	}
	return p, err
}

// Start starts a new process of a function, with more variables. The caller kills it.
func (s *Stage) Start(function string, variables ...string) (*Process, error) {
	return s.StartAs(function, function, variables...)
}

// StartAs starts another program, Hello or Bare, with a function's environment. It signs its calls with an
// access key of its own.
func (s *Stage) StartAs(program, function string, variables ...string) (*Process, error) {
	f := s.function(function)
	all := append(slices.Clone(s.inherit), "AWS_ENDPOINT_URL="+s.URL)
	for name, value := range f.Environment {
		all = append(all, name+"="+value)
	}
	all = append(all, "HCLOUD_URL="+s.URL+providerPath, "PROVIDER="+s.URL+providerPath)
	p := &Process{stage: s, function: f, name: Name(program, function)}
	var err error
	p.Single, err = lambda.Start(lambda.Function{
		Name: p.name, Binary: s.binary(program), Timeout: f.Timeout, MemoryMB: f.MemoryMB,
		Environment: append(all, variables...),
	}, &p.log)
	return p, err
}

// Name is the name under which a program runs in a function's place.
func Name(program, function string) string {
	if program == function {
		return function
	}
	return program + "-" + function
}
