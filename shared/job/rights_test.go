package job_test

import (
	"testing"

	"keepsake/infra/cloudtest"
	"keepsake/infra/template"
)

// TestMain checks that the roles of the functions without a route allow only what the tests do with
// them. shared/api checks the others.
func TestMain(m *testing.M) {
	cloudtest.Main(m, func(f template.Function) bool { return len(f.Routes) == 0 })
}
