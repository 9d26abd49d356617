package gateway

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"keepsake/infra/template"
)

const (
	anyMethod    = "ANY"
	defaultRoute = "$default"
)

// route is one entry of the gateway's table.
type route struct {
	key      string // as events name it: "GET /things/{id}" or "$default"
	method   string
	segments []string
	function string
}

// routes is the table in the order in which the gateway looks: a literal segment before a variable,
// $default last.
type routes []route

func newRoutes(functions []template.Function) (routes, error) {
	var all routes
	owners := map[string]string{}
	for _, f := range functions {
		for _, r := range f.Routes {
			one, err := newRoute(f.Name, r)
			if err != nil {
				return nil, err
			}
			shape := one.shape()
			if other, taken := owners[shape]; taken {
				return nil, fmt.Errorf("the route %s belongs to %s and to %s: remove one", one.key, other, f.Name)
			}
			owners[shape] = f.Name
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("the template has no routes")
	}
	slices.SortFunc(all, func(a, b route) int { return strings.Compare(a.shape(), b.shape()) })
	return all, nil
}

// newRoute refuses a route that the laptop cloud does not support.
func newRoute(function string, r template.Route) (route, error) {
	one := route{key: r.Method + " " + r.Path, method: r.Method, segments: strings.Split(r.Path, "/"), function: function}
	switch {
	case (r.Method == anyMethod) != (r.Path == defaultRoute):
		return one, fmt.Errorf("the laptop cloud does not support the route %s: ANY and %s go together", one.key, defaultRoute)
	case strings.Contains(r.Path, "+}"):
		return one, fmt.Errorf("the laptop cloud does not support the route %s: a variable takes one segment", one.key)
	case r.Path == defaultRoute:
		one.key = defaultRoute
	}
	return one, nil
}

// shape returns the route without the names of its variables. Shapes sort by precedence: ~ comes after
// every letter of a literal or a method.
func (r route) shape() string {
	if r.key == defaultRoute {
		return "~"
	}
	segments := slices.Clone(r.segments)
	for i, segment := range segments {
		if _, variable := variableName(segment); variable {
			segments[i] = "~"
		}
	}
	return strings.Join(append(segments, r.method), "/")
}

// match finds the route of a path that has been decoded once, and the values of its variables, decoded
// once more. A variable takes one segment that is not empty.
func (rs routes) match(method, path string) (route, map[string]string, bool) {
	segments := strings.Split(path, "/")
	for _, r := range rs {
		if r.key == defaultRoute {
			return r, nil, true
		}
		if r.method != method {
			continue
		}
		if params, ok := r.bind(segments); ok {
			return r, params, true
		}
	}
	return route{}, nil, false
}

func (r route) bind(segments []string) (map[string]string, bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	var params map[string]string
	for i, raw := range segments {
		value, err := url.PathUnescape(raw)
		if err != nil {
			return nil, false
		}
		name, variable := variableName(r.segments[i])
		switch {
		case !variable && value != r.segments[i], variable && value == "":
			return nil, false
		case variable && params == nil:
			params = map[string]string{name: value}
		case variable:
			params[name] = value
		}
	}
	return params, true
}

// variableName returns the name in a segment like {id}.
func variableName(segment string) (string, bool) {
	if len(segment) > 2 && segment[0] == '{' && segment[len(segment)-1] == '}' {
		return segment[1 : len(segment)-1], true
	}
	return "", false
}
