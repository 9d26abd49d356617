package job_test

import (
	"testing"

	"keepsake/infra/cloudtest"
	"keepsake/infra/template"
)

// TestMain holds the roles of the functions that no route leads to, to what the tests have them do.
// Those of the others are held by shared/api.
func TestMain(m *testing.M) {
	cloudtest.Main(m, func(f template.Function) bool { return len(f.Routes) == 0 })
}
