package markdown_test

import (
	"testing"

	"keepsake/infra/markdown"
)

func TestATableHasAHeadAndARowALine(t *testing.T) {
	want := "| a | |\n|---|---|\n| 1 | 2 |\n| | 4 |"
	if got := markdown.Table([][]string{{"a", ""}, {"1", "2"}, {"", "4"}}); got != want {
		t.Errorf("the table is\n%s\nwant\n%s", got, want)
	}
}

func TestThousandsStandApart(t *testing.T) {
	for digits, want := range map[string]string{"": "", "1": "1", "999": "999", "1000": "1,000", "1234567": "1,234,567"} {
		if got := markdown.Thousands(digits); got != want {
			t.Errorf("%s is %s, want %s", digits, got, want)
		}
	}
}
