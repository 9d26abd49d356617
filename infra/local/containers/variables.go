// Package containers runs each function in a container of its own, as AWS does, by sam local invoke.
// Their AWS is the local stack.
package containers

import (
	"encoding/json"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"

	"keepsake/infra/cloud/host"
)

const (
	// Host is the name of this machine inside a container.
	Host = "host.docker.internal"
	// VariablesPath is the file, from the project's root, to which a stack that listens to
	// containers writes the functions' variables. sam local invoke takes it as --env-vars.
	VariablesPath = ".local/containers.json"
)

// Variables are the functions' environments, by logical id.
type Variables map[string]map[string]string

// Write replaces the file at path in one step. Only its owner may read it.
func (v Variables) Write(path string) error {
	content, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = host.ReplaceFile(path, append(content, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the functions' variables: %w", err)
	}
	return nil
}

// ReadVariables returns the variables that a running stack has written. If the stack does not listen to
// containers, the error is fs.ErrNotExist.
func ReadVariables(path string) (Variables, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the functions' variables: %w", err)
	}
	var v Variables
	if err := json.Unmarshal(content, &v); err != nil {
		return nil, fmt.Errorf("read the functions' variables: %s: %w", path, err)
	}
	return v, nil
}

// declare writes a copy of the template that sam build has written. In the copy each function declares
// all its variables: sam local invoke sets only declared ones, and the deployed template must not
// declare the AWS endpoints.
func (v Variables) declare(built, declared string) error {
	content, err := os.ReadFile(built)
	if err != nil {
		return fmt.Errorf("read what sam build has written: %v", err) // not ReadVariables' fs.ErrNotExist
	}
	var t map[string]any
	if err := yaml.Unmarshal(content, &t); err != nil {
		return fmt.Errorf("%s: %w", built, err)
	}
	resources, _ := t["Resources"].(map[string]any)
	for id, variables := range v {
		function, _ := resources[id].(map[string]any)
		properties, ok := function["Properties"].(map[string]any)
		if !ok {
			return fmt.Errorf("%s has no %s: it is older than the template", built, id)
		}
		names := map[string]string{}
		for name := range variables {
			names[name] = ""
		}
		properties["Environment"] = map[string]any{"Variables": names}
	}
	if content, err = yaml.Marshal(t); err == nil {
		err = host.ReplaceFile(declared, content)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", declared, err)
	}
	return nil
}
