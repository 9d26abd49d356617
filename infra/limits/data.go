package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"keepsake/infra/bench/count"
	"keepsake/infra/limits/trace"
)

// data is what the page is computed from.
type data struct {
	Traces []trace.Trace
	Quotas []quota
	Counts []count.Count // of infra/cost
	Prices struct {      // of infra/cost
		Prices []struct {
			Key          string
			Per, Dollars float64
		}
		Assumptions struct{ OwnMs, StepMs, AuditRowBytes float64 }
	}
	Throttle     float64 // the default of the template's ThrottleRate
	PurgesAtOnce float64 // of purge-due
}

// quota is what AWS allows an account in a region.
type quota struct {
	Key, What string
	Value     float64
	Raise     string // how it is raised
	Source    string
}

func readData(root string) (data, error) {
	var d data
	for name, into := range map[string]any{
		tracesFile: &d.Traces, quotasFile: &d.Quotas, "infra/cost/counts.json": &d.Counts, "infra/cost/prices.json": &d.Prices,
	} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return d, err
		}
		if err := json.Unmarshal(text, into); err != nil {
			return d, fmt.Errorf("%s: %w", name, err)
		}
	}
	var err error
	if d.Throttle, err = number(root, "template.yaml", `ThrottleRate:\n    Type: Number\n    Default: (\d+)\n`); err != nil {
		return d, err
	}
	d.PurgesAtOnce, err = number(root, "shared/job/purge_due.go", `const purgesAtOnce = (\d+)\n`)
	return d, err
}

// number reads a number from a file of the repository, by a pattern with one group.
func number(root, name, pattern string) (float64, error) {
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return 0, err
	}
	m := regexp.MustCompile(pattern).FindSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%s has nothing like %s", name, pattern)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

// writeTraces writes one touch a line, so that a change of one is a change of one line.
func writeTraces(name string, traces []trace.Trace) error {
	var out bytes.Buffer
	for i, t := range traces {
		fmt.Fprintf(&out, "%s{\"Case\":%q,\"KMS\":%d,\"Touches\":[", map[bool]string{true: "[\n", false: ",\n"}[i == 0], t.Case, t.KMS)
		for j, touch := range t.Touches {
			line, err := json.Marshal(touch)
			if err != nil {
				return err
			}
			fmt.Fprintf(&out, "%s  %s", map[bool]string{true: "\n", false: ",\n"}[j == 0], line)
		}
		out.WriteString("]}")
	}
	out.WriteString("\n]\n")
	return os.WriteFile(name, out.Bytes(), 0o644)
}
