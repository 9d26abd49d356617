package telemetry_test

import (
	"testing"

	"keepsake/shared/telemetry"
)

const (
	trace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	parent = "00f067aa0ba902b7"
)

func TestAValidTraceparentNamesItsTrace(t *testing.T) {
	for _, header := range []string{
		"00-" + trace + "-" + parent + "-01",
		"00-" + trace + "-" + parent + "-00",
		"00-" + trace + "-" + parent + "-ff",
		"01-" + trace + "-" + parent + "-01",
		"cc-" + trace + "-" + parent + "-01-what-the-future-will-be-like",
		"fe-" + trace + "-" + parent + "-01-",
	} {
		if got := telemetry.TraceID(header); got != trace {
			t.Errorf("%s: %q", header, got)
		}
	}
}

func TestATraceparentThatIsNotValidNamesNone(t *testing.T) {
	for name, header := range map[string]string{
		"nothing":                  "",
		"no flags":                 "00-" + trace + "-" + parent,
		"short":                    "00-" + trace + "-" + parent + "-1",
		"the forbidden version":    "ff-" + trace + "-" + parent + "-01",
		"version 00 with more":     "00-" + trace + "-" + parent + "-01-more",
		"two headers":              "00-" + trace + "-" + parent + "-01,00-" + trace + "-" + parent + "-01",
		"a later one, longer":      "01-" + trace + "-" + parent + "-01.more",
		"no trace":                 "00-00000000000000000000000000000000-" + parent + "-01",
		"no parent":                "00-" + trace + "-0000000000000000-01",
		"upper case":               "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + parent + "-01",
		"upper case in the parent": "00-" + trace + "-00F067AA0BA902B7-01",
		"no digits":                "00-4bf92f3577b34da6a3ce929d0e0e473g-" + parent + "-01",
		"flags that are none":      "00-" + trace + "-" + parent + "-0x",
		"a version that is none":   "0x-" + trace + "-" + parent + "-01",
		"other separators":         "00_" + trace + "_" + parent + "_01",
		"parts of other lengths":   "00-" + trace + "0-" + parent[1:] + "-01",
		"a space before":           " 00-" + trace + "-" + parent + "-01",
	} {
		if got := telemetry.TraceID(header); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
