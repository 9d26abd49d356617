package environment_test

import (
	"os"
	"strings"
	"testing"

	"keepsake/infra/ops/internal/environment"
)

func TestAVariableThatIsSetToNothingIsNotTakenForOneThatIsNotSet(t *testing.T) {
	t.Setenv("SCOPES", "")
	t.Setenv("EXPIRES", "90d")
	err := environment.Lookup(os.LookupEnv).RefuseBlank("NOT_SET_AT_ALL", "EXPIRES", "SCOPES")
	if err == nil || !strings.HasPrefix(err.Error(), "SCOPES is blank") {
		t.Errorf("error %v, want that SCOPES is blank", err)
	}
	if err := environment.Lookup(os.LookupEnv).RefuseBlank("NOT_SET_AT_ALL", "EXPIRES"); err != nil {
		t.Errorf("nothing is blank: error %v", err)
	}
}

func TestACommandThatFollowsNamesTheSameStack(t *testing.T) {
	for want, pairs := range map[string][]string{
		"":                                 nil,
		" STACK=keepsake":                  {"STACK=other", "STACK=keepsake", "REGION="},
		" STACK=keepsake REGION=sa-east-1": {"REGION=sa-east-1", "STACK=keepsake"},
	} {
		if got := environment.Of(pairs...).Stack(); got != want {
			t.Errorf("%v: %q, want %q", pairs, got, want)
		}
	}
}
