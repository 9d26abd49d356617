package boot

import "testing"

func TestARetentionIsAtMostAYear(t *testing.T) {
	if _, err := parseRetention("365d", false); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"366d", "1000d", "106752d", "9223372036854775807d"} {
		if got, err := parseRetention(text, false); err == nil {
			t.Errorf("%s is taken for %v", text, got)
		}
	}
}
