package main

import "testing"

func TestASizeIsAWholeNumberFromOneOn(t *testing.T) {
	for text, want := range map[string]bool{"": true, "1": true, "1000000": true, "0": false, "-3": false, "many": false, "1e6": false, "1.5": false} {
		for name := range sizes {
			err := checkSizes(func(asked string) string {
				if asked == name {
					return text
				}
				return ""
			})
			if (err == nil) != want {
				t.Errorf("%s=%s: %v", name, text, err)
			}
		}
	}
}
