package structure

import (
	"maps"
	"regexp"
	"slices"
	"testing"
)

// SAM adds resources that the template does not show: the gateway depends on each alias, and each alias on
// the alarms and the role of deployments. CloudFormation refuses a circle.
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
			delete(needs, "Events") // SAM makes resources of their own out of them
			visit(id, needs)
		}
	}
	visit("the deployment", w.Globals["DeploymentPreference"])
	if !seen["DeploymentRole"] || !seen["JobErrorsAlarm"] {
		t.Errorf("deployments need only %v", slices.Sorted(maps.Keys(seen)))
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
