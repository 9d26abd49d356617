package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// templatePath is seen from the project's root, where make starts its programs.
const templatePath = "template.yaml"

// listener is a function that a table's stream calls.
type listener struct {
	function string   // its name in the template
	alias    string   // that is called
	patterns []string // a record fits one of them, or is passed over
}

// source is a template, of which no more is read than what calls its functions.
type source struct {
	Globals struct {
		Function struct {
			AutoPublishAlias string `yaml:"AutoPublishAlias"`
		} `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Properties struct {
			Events map[string]event `yaml:"Events"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

type event struct {
	Type       string `yaml:"Type"`
	Properties struct {
		FilterCriteria struct {
			Filters []struct {
				Pattern string `yaml:"Pattern"`
			} `yaml:"Filters"`
		} `yaml:"FilterCriteria"`
	} `yaml:"Properties"`
}

// readListeners returns those of this checkout's template, by name.
func readListeners(path string) ([]listener, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("STACK is compared with this checkout's template: %w", err)
	}
	var template source
	if err := yaml.Unmarshal(text, &template); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var all []listener
	for name, resource := range template.Resources {
		for _, e := range resource.Properties.Events {
			if e.Type != "DynamoDB" {
				continue
			}
			l := listener{function: name, alias: template.Globals.Function.AutoPublishAlias}
			for _, filter := range e.Properties.FilterCriteria.Filters {
				l.patterns = append(l.patterns, filter.Pattern)
			}
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b listener) int { return strings.Compare(a.function, b.function) })
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no function listens to a table's stream", path)
	}
	return all, nil
}
