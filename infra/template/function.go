package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Function is a Lambda function: one operation.
type Function struct {
	LogicalID   string // UndeleteSecretFunction
	Name        string // undelete-secret
	Alias       string // that callers reach; empty: none
	Timeout     time.Duration
	MemoryMB    int
	Environment map[string]string
	LogGroup    string // the name of what Lambda writes its log to
	Routes      []Route
	Schedules   []Schedule
	Streams     []Stream
	Role        string      // the ARN that it acts as
	Statements  []Statement // all that its role may do
}

// ARN is the function's name in full.
func (f Function) ARN() string { return FunctionARN(f.Name) }

// Route is a route of the HTTP API.
type Route struct {
	Method string `yaml:"Method"` // upper-case; ANY stands for each
	Path   string `yaml:"Path"`   // with its variables: /v1/secrets/{id}; or $default
}

// properties are what Globals and a function may both say, and what only the latter does.
type properties struct {
	Alias       string `yaml:"AutoPublishAlias"`
	Timeout     int    `yaml:"Timeout"`    // seconds
	MemorySize  int    `yaml:"MemorySize"` // MB
	Environment struct {
		Variables map[string]string `yaml:"Variables"`
	} `yaml:"Environment"`
	Logging struct {
		Group string `yaml:"LogGroup"`
	} `yaml:"LoggingConfig"`
	Events   map[string]event `yaml:"Events"`
	Role     string           `yaml:"Role"`
	Policies []rolePolicy     `yaml:"Policies"`
}

type event struct {
	Type       string    `yaml:"Type"`
	Properties yaml.Node `yaml:"Properties"`
}

func readFunction(r resource, s *scope, globals *yaml.Node, roles []Role) (Function, error) {
	p := properties{Timeout: 3, MemorySize: 128} // SAM's own, where the template says nothing
	p.Environment.Variables = map[string]string{}
	p.Logging.Group = "/aws/lambda/" + operation(r.id)
	if err := s.decode(globals, &p); err != nil {
		return Function{}, fmt.Errorf("globals: %w", err)
	}
	// The second reading adds to the first one's map and replaces its numbers, as SAM merges them.
	if err := s.decode(&r.Properties, &p); err != nil {
		return Function{}, err
	}
	f := Function{
		LogicalID:   r.id,
		Name:        operation(r.id),
		Alias:       p.Alias,
		Timeout:     time.Duration(p.Timeout) * time.Second,
		MemoryMB:    p.MemorySize,
		Environment: p.Environment.Variables,
		LogGroup:    p.Logging.Group,
	}
	if err := f.actAs(p, roles); err != nil {
		return f, err
	}
	var err error
	if f.Schedules, err = schedules(p.Events); err != nil {
		return f, err
	}
	if f.Streams, err = streams(p.Events); err != nil {
		return f, err
	}
	f.Routes, err = routes(p.Events)
	return f, err
}

// actAs finds what the function may do: what its role says, or, without one, its own policies, of
// which SAM makes a role.
func (f *Function) actAs(p properties, roles []Role) error {
	if p.Role == "" {
		f.Role = RoleARN(f.LogicalID + "Role")
		for _, policy := range p.Policies {
			f.Statements = append(f.Statements, policy...)
		}
		return nil
	}
	if len(p.Policies) > 0 {
		return errors.New("of a function with a Role, SAM ignores the Policies")
	}
	role, err := ofFunction(roles, p.Role)
	f.Role, f.Statements = role.ARN, role.Statements
	return err
}

// routes reads the events that are routes. What else may start a function is not a route.
func routes(events map[string]event) ([]Route, error) {
	var all []Route
	for _, name := range slices.Sorted(maps.Keys(events)) {
		e := events[name]
		if e.Type != "HttpApi" {
			continue
		}
		var route Route
		if err := e.Properties.Decode(&route); err != nil {
			return nil, err
		}
		if route.Method == "" || route.Path == "" {
			return nil, fmt.Errorf("line %d: a route has a Method and a Path", e.Properties.Line)
		}
		route.Method = strings.ToUpper(route.Method)
		all = append(all, route)
	}
	return all, nil
}
