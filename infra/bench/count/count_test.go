package count_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"keepsake/infra/bench/count"
	"keepsake/infra/bench/stage"
	"keepsake/infra/template"
)

func TestEachInvocationKeepsItsBudgetOfCallsStepsAndUnits(t *testing.T) {
	s, err := stage.Open(t.Context(), stage.PlayedBy(os.Args[0], "PLANTED_FAULT"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range count.Cases {
		if got, faults := keeps(t, s, c); len(faults) > 0 {
			t.Logf("%s: counted again, because of %q in %v", c.Name, faults, got.Steps)
			if _, faults = keeps(t, s, c); len(faults) > 0 {
				t.Errorf("%s: %s", c.Name, strings.Join(faults, "; "))
			}
		}
	}
}

// keeps counts a case, and says in what it breaks its budget. On a machine that stands still for two seconds, a
// function tries a call again: a case that breaks its budget is counted twice.
func keeps(t *testing.T, s *stage.Stage, c count.Case) (got count.Count, faults []string) {
	t.Helper()
	got, err := c.Count(t.Context(), s)
	if err != nil {
		return got, []string{err.Error()}
	}
	if len(got.Steps)+len(c.Steps) > 0 && !reflect.DeepEqual(got.Steps, c.Steps) {
		faults = append(faults, fmt.Sprintf("the steps are %v, the budget is %v", got.Steps, c.Steps))
	}
	if got.ReadUnits != c.Reads || got.WriteUnits != c.Writes {
		faults = append(faults, fmt.Sprintf("%v read units and %v write units, the budget is %v and %v", got.ReadUnits, got.WriteUnits, c.Reads, c.Writes))
	}
	if got.LogBytes == 0 {
		faults = append(faults, "nothing is logged")
	}
	return got, faults
}

func TestEachOperationOnSecretsAndEachScheduledJobIsCounted(t *testing.T) {
	tmpl, err := template.Read(filepath.Join("..", "..", "..", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range tmpl.Functions {
		operation := slices.ContainsFunc(f.Routes, func(r template.Route) bool { return r.Path != "/v1/openapi.json" && strings.HasPrefix(r.Path, "/v1/") })
		plain, counted := 0, 0
		for _, c := range count.Cases {
			if c.Function == f.Name {
				counted++
				if c.Plain {
					plain++
				}
			}
		}
		if operation != (plain == 1) || plain > 1 {
			t.Errorf("%s: an operation on secrets: %v; it has %d plain cases", f.Name, operation, plain)
		}
		if len(f.Schedules) > 0 && counted == 0 {
			t.Errorf("the job %s is not counted", f.Name)
		}
	}
}
