package template

import (
	"errors"
	"strings"

	"keepsake/infra/template/resolve"
)

// Route is a route of the HTTP API.
type Route struct {
	Method string `yaml:"Method"` // upper-case; ANY stands for each
	Path   string `yaml:"Path"`   // with its variables: /v1/secrets/{id}; or $default
}

// readRoute reads an event that is a route.
func readRoute(properties resolve.Value) (Route, error) {
	var route Route
	if err := properties.Decode(&route); err != nil {
		return route, err
	}
	if route.Method == "" || route.Path == "" {
		return route, errors.New("a route must have a Method and a Path")
	}
	route.Method = strings.ToUpper(route.Method)
	return route, nil
}
