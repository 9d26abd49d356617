package main

import (
	"slices"
	"testing"

	"keepsake/infra/template"
)

func TestOnlyThePurgeOfWhatIsDueCanBeTakenOffItsSchedule(t *testing.T) {
	tmpl, err := template.Read("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := tmpl.Function(scheduledPurge); !ok {
		t.Fatalf("the template has no %s", scheduledPurge)
	}
	for purge, without := range map[string]int{"": 0, purgeBySchedule: 0, purgeByTTL: 1} {
		kept := (&schedules{functions: tmpl.Functions, purge: purge}).kept()
		due := slices.ContainsFunc(kept, func(f template.Function) bool { return f.Name == scheduledPurge })
		if len(kept) != len(tmpl.Functions)-without || due != (without == 0) {
			t.Errorf("PURGE=%s keeps %d of %d functions, %s among them: %v", purge, len(kept), len(tmpl.Functions), scheduledPurge, due)
		}
	}
}
