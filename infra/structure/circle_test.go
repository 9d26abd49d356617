package structure

import (
	"maps"
	"regexp"
	"slices"
	"testing"
)

// SAM makes resources that the template does not show: the gateway needs each alias, and each alias
// what deployments look at and act with. CloudFormation refuses a circle, before it makes anything.
func TestWhatDeploymentsNeedDoesNotNeedTheGateway(t *testing.T) {
	w := readWritten(t, nil)
	seen := map[string]bool{}
	var visit func(by string, value any)
	visit = func(by string, value any) {
		for _, id := range w.references(value) {
			if id == "Api" {
				t.Errorf("%s needs the gateway", by)
			}
			if seen[id] {
				continue
			}
			seen[id] = true
			needs := maps.Clone(w.Resources[id].Properties)
			delete(needs, "Events") // become resources of their own
			visit(id, needs)
		}
	}
	visit("the deployment", w.Globals["DeploymentPreference"])
	if !seen["DeploymentRole"] || !seen["JobErrorsAlarm"] {
		t.Errorf("deployments need %v", slices.Sorted(maps.Keys(seen)))
	}
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
