package count_test

import (
	"os"
	"testing"

	"keepsake/infra/bench/play"
)

func TestMain(m *testing.M) {
	play.Function()
	os.Exit(m.Run())
}
