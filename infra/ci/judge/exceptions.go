package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed exceptions.txt
var exceptionsText string

// readExceptions returns the findings that are not followed. Each paragraph begins with its reason.
func readExceptions(text string) ([]string, error) {
	var all []string
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		lines := strings.Split(strings.TrimSpace(paragraph), "\n")
		if !strings.HasPrefix(lines[0], "# ") {
			return nil, fmt.Errorf("the exception %q has no reason: write it above, behind a #", lines[0])
		}
		for _, line := range lines {
			if !strings.HasPrefix(line, "#") {
				all = append(all, line)
			}
		}
	}
	return all, nil
}

// except returns the findings that are not excepted, and a fault for each exception that is not needed.
func except(exceptions, findings []string) (left, unneeded []string) {
	for _, finding := range findings {
		if !slices.Contains(exceptions, finding) {
			left = append(left, finding)
		}
	}
	for _, exception := range exceptions {
		if !slices.Contains(findings, exception) {
			unneeded = append(unneeded, "exceptions.txt: the second judge no longer finds this: "+exception)
		}
	}
	return left, unneeded
}
