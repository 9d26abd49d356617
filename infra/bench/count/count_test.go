package count_test

import (
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
		got, err := c.Count(t.Context(), s)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(got.Steps)+len(c.Steps) > 0 && !reflect.DeepEqual(got.Steps, c.Steps) {
			t.Errorf("%s: the steps are %v, the budget is %v", c.Name, got.Steps, c.Steps)
		}
		if got.ReadUnits != c.Reads || got.WriteUnits != c.Writes {
			t.Errorf("%s: %v read units and %v write units, the budget is %v and %v", c.Name, got.ReadUnits, got.WriteUnits, c.Reads, c.Writes)
		}
		if got.LogBytes == 0 {
			t.Errorf("%s: nothing is logged", c.Name)
		}
	}
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
