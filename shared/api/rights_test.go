package api_test

import (
	"testing"

	"keepsake/infra/cloudtest"
	"keepsake/infra/template"
)

// TestMain holds the roles of the functions behind the gateway to what the tests have them do. Those
// of the others are held by shared/job.
func TestMain(m *testing.M) {
	cloudtest.Main(m, func(f template.Function) bool { return len(f.Routes) > 0 })
}

func TestEachFunctionLooksATokenUpByARightOfItsOwn(t *testing.T) {
	s := start(t)
	s.apart = true
	s.restart()
	for operation := range s.operations {
		if s.cloud.Function(operation).Environment["TOKENS_TABLE"] == "" {
			continue // it asks for none
		}
		s.cloud.ResetCalls()
		s.call(operation, request{headers: with("akua-context", "ws_other")}).fault(403, 7004)
		s.wantCalls("dynamodb:GetItem")
	}
}
