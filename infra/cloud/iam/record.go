package iam

import (
	"encoding/json"
	"os"
	"sync"

	"keepsake/infra/template"
)

// RecordTo is the variable with the folder in which each process records what it was asked and how it decided,
// for infra/ci/judge. Without it nothing is recorded.
const RecordTo = "IAM_RECORD"

// Decision is a line of a record.
type Decision struct {
	Question
	Allowed bool
}

// record is a file of decisions, each once.
type record struct {
	mu   sync.Mutex
	file *os.File
	has  map[string]bool
}

// open opens this process's record, or returns nil if none is wanted. A record that cannot be written would
// pass for one of fewer calls: hence the panic.
var open = sync.OnceValue(func() *record {
	folder := os.Getenv(RecordTo)
	if folder == "" {
		return nil
	}
	file, err := os.CreateTemp(folder, "*.jsonl")
	if err != nil {
		panic(err)
	}
	return &record{file: file, has: map[string]bool{}}
})

// note records a decision.
func (p *Policies) note(f template.Function, r request, allowed bool) {
	to := open()
	if to == nil {
		return
	}
	line, err := json.Marshal(Decision{p.question(f, r).hidden(), allowed})
	if err != nil {
		panic(err)
	}
	to.add(string(line) + "\n")
}

func (to *record) add(line string) {
	to.mu.Lock()
	defer to.mu.Unlock()
	if to.has[line] {
		return
	}
	to.has[line] = true
	if _, err := to.file.WriteString(line); err != nil {
		panic(err)
	}
}
