package lambda

import (
	"bytes"
	"io"
	"sync"
)

// lines passes on what is written to it line by line, each behind a prefix, so that many instances can
// share a log.
type lines struct {
	to     io.Writer
	prefix string
	rest   []byte
}

// Write implements io.Writer. It never fails: a full disk must not take a function down.
func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 {
			return len(p), nil
		}
		l.emit(l.rest[:end+1])
		l.rest = l.rest[end+1:]
	}
}

// flush passes on a last line without a line break.
func (l *lines) flush() {
	if len(l.rest) > 0 {
		l.emit(append(l.rest, '\n'))
		l.rest = nil
	}
}

func (l *lines) emit(line []byte) {
	_, _ = l.to.Write(append([]byte(l.prefix), line...))
}

// shared lets many instances write to one log.
type shared struct {
	mu sync.Mutex
	to io.Writer
}

// Write implements io.Writer.
func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(p)
}
