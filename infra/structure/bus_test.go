package structure

import (
	"maps"
	"slices"
	"testing"

	"keepsake/infra/template"
)

// tellers are the functions that tell the bus, with the reason that their right has for its Sid.
var tellers = map[string]string{
	"access-named-version": "TellOfReadsOfDeletedSecrets", "access-secret-version": "TellOfReadsOfDeletedSecrets",
	"purge-due": "TellWhatIsNearItsPurge", "record-changes": "TellOfChanges",
}

func TestFourFunctionsMayTellTheBusIfTheOwnerNamesOneAndElseNone(t *testing.T) {
	const bus = "arn:aws:events:eu-central-1:000000000000:event-bus/ours"
	for parameter, want := range map[string]map[string]string{"": {}, bus: tellers} {
		tmpl, err := template.Read(root+"/template.yaml", func(values map[string]string) { values["EventBus"] = parameter })
		if err != nil {
			t.Fatal(err)
		}
		may := map[string]string{}
		for _, f := range tmpl.Functions {
			for _, s := range f.Statements {
				if slices.Contains(s.Actions, "events:PutEvents") {
					may[f.Name] = s.Sid
					if !slices.Equal(s.Resources, []string{bus}) || len(s.Actions) != 1 {
						t.Errorf("%s: %s may do %v with %v", f.Name, s.Sid, s.Actions, s.Resources)
					}
				}
			}
			if value, tells := f.Environment["EVENT_BUS"]; tells != (tellers[f.Name] != "") || tells && value != parameter {
				t.Errorf("%s has EVENT_BUS %q, want %q", f.Name, value, parameter)
			}
		}
		if !maps.Equal(may, want) {
			t.Errorf("with the bus %q these may tell it: %v, want %v", parameter, may, want)
		}
	}
}
