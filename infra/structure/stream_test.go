package structure

import (
	"testing"
	"time"

	"keepsake/infra/template"
)

// streamKeeps is how long DynamoDB keeps a stream's record.
const streamKeeps = 24 * time.Hour

func TestAChangeWaitsForItsLineForAlmostAsLongAsTheStreamKeepsItAndIsThenNamed(t *testing.T) {
	f, _ := readTemplate(t).Function("record-changes")
	if len(f.Streams) != 1 {
		t.Fatalf("it reads %d streams", len(f.Streams))
	}
	s := f.Streams[0]
	if s.MaxRetries != template.Forever {
		t.Errorf("it gives a change up after %d tries, which take minutes", s.MaxRetries)
	}
	if s.MaxAge < streamKeeps-2*time.Hour || s.MaxAge > streamKeeps-30*time.Minute {
		t.Errorf("it gives a change up after %v, and the stream forgets it after %v: the queue must name it in between", s.MaxAge, streamKeeps)
	}
	if s.DeadLetters == "" || !s.ReportsFailures || !s.Bisect {
		t.Errorf("a change that is given up takes others with it: %+v", s)
	}
}
