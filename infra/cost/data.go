package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"keepsake/infra/bench/count"
)

// data is what the page is computed from.
type data struct {
	Region      string
	Prices      []price
	Assumptions assumptions
	Stack       stack
	Counts      []count.Count `json:"-"`
}

// price is what AWS charges: Dollars for Per of what is counted, once Free of it are used up in a month.
type price struct {
	Key, What, Unit string
	Per, Dollars    float64
	Note            string
	Free            float64
	Source, Date    string // who says so, and the year and month of it
}

// assumptions are what nobody has measured on AWS.
type assumptions struct {
	OwnMs, StepMs   float64 // of Lambda's time in a request, and in each step of its calls
	JobMs           float64 // of Lambda's time in a run of a job
	HeaderBytes     float64 // of an HTTP response, beyond what the function returns
	GatewayLogBytes float64 // of the gateway's line about an access, with sample values
	AuditRowBytes   float64 // of an audit line, with DynamoDB's overhead
	BusyMetrics     float64 // that a stack with traffic sends all month
	HitRate         float64 // of the cache of data keys, if it is on
}

// stack is what template.yaml makes, and what it pays for by the month.
type stack struct {
	Keys, Alarms, AlarmMetrics, IdleMetrics, MemoryMB float64
	Ticks                                             map[string]float64 // a month, by job
}

func readData(root string) (data, error) {
	var d data
	if err := readJSON(filepath.Join(root, pricesFile), &d); err != nil {
		return d, err
	}
	return d, readJSON(filepath.Join(root, countsFile), &d.Counts)
}

func readJSON(name string, into any) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// writeCounts writes one count a line, so that a change of one is a change of one line.
func writeCounts(name string, counts []count.Count) error {
	var out bytes.Buffer
	for i, c := range counts {
		line, err := json.Marshal(c)
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%s%s", map[bool]string{true: "[\n  ", false: ",\n  "}[i == 0], line)
	}
	out.WriteString("\n]\n")
	return os.WriteFile(name, out.Bytes(), 0o644)
}
