package columns_test

import (
	"strings"
	"testing"

	"keepsake/infra/ops/internal/columns"
)

func TestCellsStandInColumnsAndCannotBreakALine(t *testing.T) {
	var out strings.Builder
	err := columns.Write(&out, [][]string{{"a", "long one", "x"}, {"äb", "c\nd\te\x1b[2J\u202e", "y"}})
	want := `
a   long one              x
äb  c\nd\te\x1b[2J\u202e  y
`
	if err != nil || out.String() != want[1:] {
		t.Errorf("printed %q, %v", out.String(), err)
	}
}
