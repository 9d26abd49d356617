package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"

	"keepsake/infra/template/resolve"
)

// besides lists the properties of a function that are not part of a version.
var besides = []string{
	"AutoPublishAlias", "AutoPublishCodeSha256", "CodeUri", "DeploymentPreference", "EventInvokeConfig", "Events", "ReservedConcurrentExecutions",
}

// replaceable are the types of resources that functions know by names which AWS makes up. If the template changes one,
// CloudFormation may replace it, and the new one has another name.
var replaceable = map[string]bool{"AWS::DynamoDB::Table": true, "AWS::KMS::Key": true}

// contents returns what a version of each function consists of, by the parameter that is the function's release: its
// files, its settings by the values of parameters, and the tables and keys that it names, as the template has them.
func (c choice) contents(built string, deployed map[string]string) (map[string]string, error) {
	template, err := readTemplate(templatePath, resolve.OnPaper, c.visible(deployed))
	if err != nil {
		return nil, err
	}
	common, err := settingsOf(template.Globals)
	if err != nil {
		return nil, err
	}
	named, err := replaceables()
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, r := range template.Resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		own, err := settingsOf(r.Properties)
		if err != nil {
			return nil, err
		}
		var content strings.Builder
		content.WriteString(common + own)
		for _, name := range reference.FindAllStringSubmatch(common+own, -1) {
			content.WriteString(named[name[1]])
		}
		if err := hashFiles(&content, filepath.Join(built, r.ID)); err != nil {
			return nil, err
		}
		all[strings.TrimSuffix(r.ID, "Function")+"Release"] = content.String()
	}
	return all, nil
}

// reference finds the name of a resource on paper.
var reference = regexp.MustCompile(`\$\{(\w+)`)

// visible returns the parameters' values in force, apart from those that AWS does not show, and from releases.
func (c choice) visible(deployed map[string]string) map[string]string {
	values := map[string]string{}
	for name, p := range c.declared {
		if p.NoEcho || isRelease(name) {
			continue
		}
		if value, ok := deployed[name]; ok {
			values[name] = value
		}
		if value, ok := c.values[name]; ok {
			values[name] = value
		}
	}
	return values
}

// settingsOf returns those of a function's properties that are part of a version, as text, sorted by name.
func settingsOf(properties resolve.Value) (string, error) {
	settings := map[string]any{}
	if err := properties.Decode(&settings); err != nil {
		return "", err
	}
	for _, name := range besides {
		delete(settings, name)
	}
	text, err := json.Marshal(settings)
	return string(text), err
}

// replaceables returns the definitions of the template's tables and keys, by their logical ids. Parameters have their
// defaults: their values do not replace a table or a key.
func replaceables() (map[string]string, error) {
	template, err := readTemplate(templatePath, resolve.OnPaper, nil)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, r := range template.Resources {
		if !replaceable[r.Type] {
			continue
		}
		var properties map[string]any
		if err := r.Properties.Decode(&properties); err != nil {
			return nil, err
		}
		text, err := json.Marshal(properties)
		if err != nil {
			return nil, err
		}
		all[r.ID] = string(text)
	}
	return all, nil
}
