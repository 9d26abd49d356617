package stage

import (
	"bytes"
	"sync"
)

// logSize counts what a function logs, and drops it.
type logSize struct {
	mu           sync.Mutex
	total, lines int
}

// Write implements io.Writer.
func (l *logSize) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total += len(p)
	l.lines += bytes.Count(p, []byte("\n"))
	return len(p), nil
}

// bytes is the size without what the laptop's Lambda puts before each line: the function's name.
func (l *logSize) bytes(function string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total - l.lines*len(function+": ")
}
