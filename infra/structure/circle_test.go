package structure

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"keepsake/infra/template"
)

// SAM adds resources that the template does not show: the gateway depends on each alias, and each alias on
// the alarms and the role of its deployments. CloudFormation refuses a circle.
func TestWhatDeploymentsNeedDoesNotNeedTheGateway(t *testing.T) {
	w := readWritten(t, nil)
	seen := w.needs(w.Globals["DeploymentPreference"])
	if seen["Api"] {
		t.Error("deployments need the gateway")
	}
	if !seen["DeploymentRole"] || !seen["JobErrorsAlarm"] {
		t.Errorf("deployments need only %v", slices.Sorted(maps.Keys(seen)))
	}
}

// aliasOf is the logical id that SAM gives the alias live of a function.
func aliasOf(function string) string { return function + "Aliaslive" }

// New code may seal in a format that older code cannot open, and a deployment takes minutes.
func TestWhatOpensIsRolledOutBeforeWhatSeals(t *testing.T) {
	w := readWritten(t, nil)
	users := map[string][]string{}
	eachRight(t, func(f template.Function, _ template.Statement, action string) {
		users[action] = append(users[action], f.LogicalID)
	})
	for _, seals := range users["kms:GenerateDataKey"] {
		for _, opens := range users["kms:Decrypt"] {
			if !slices.Contains(w.Resources[seals].DependsOn, aliasOf(opens)) {
				t.Errorf("%s does not wait for the alias of %s", seals, opens)
			}
			if needs := w.needs(w.deploymentRole(opens), w.alarms()); needs[seals] || needs["Api"] {
				t.Errorf("the alias of %s needs %s, which waits for it", opens, seals)
			}
		}
	}
	if len(users["kms:GenerateDataKey"]) != 2 || len(users["kms:Decrypt"]) != 3 {
		t.Errorf("the keys are used by %v", users)
	}
}

// alarms are what a deployment watches.
func (w written) alarms() any { return at(w.Globals["DeploymentPreference"], "Alarms") }

// needs returns all resources that these values name, and those that they need.
func (w written) needs(values ...any) map[string]bool {
	seen := map[string]bool{}
	var visit func(value any)
	visit = func(value any) {
		for _, id := range w.references(value) {
			if seen[id] {
				continue
			}
			seen[id] = true
			needs := maps.Clone(w.Resources[id].Properties)
			delete(needs, "Events") // SAM makes resources of their own out of them
			visit(needs)
		}
	}
	visit(values)
	return seen
}

// reference finds a name in a text on paper.
var reference = regexp.MustCompile(`\$\{(\w+)`)

// references lists the resources that a value names.
func (w written) references(value any) []string {
	var ids []string
	switch v := value.(type) {
	case map[string]any:
		for _, each := range v {
			ids = append(ids, w.references(each)...)
		}
	case []any:
		for _, each := range v {
			ids = append(ids, w.references(each)...)
		}
	case string:
		for _, m := range reference.FindAllStringSubmatch(v, -1) {
			if id := m[1]; w.Resources[id].Type != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
