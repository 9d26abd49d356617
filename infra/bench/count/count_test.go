package count_test

import (
	"os"
	"reflect"
	"testing"

	"keepsake/infra/bench/count"
	"keepsake/infra/bench/stage"
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
