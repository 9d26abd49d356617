package audit_test

import (
	"encoding/json"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest"
	"keepsake/shared/audit"
	"keepsake/shared/secret"
)

// paper is a trail and its reader.
type paper struct {
	t      *testing.T
	cloud  *cloudtest.Cloud
	trail  *audit.Trail
	reader *audit.Reader
}

func newPaper(t *testing.T) paper {
	t.Helper()
	cloud := cloudtest.Start(t)
	owner, name := dynamodb.NewFromConfig(cloud.Config()), cloud.Function("access-secret-version").Environment["AUDIT_TABLE"]
	return paper{t, cloud, audit.New(owner, name), audit.NewReader(owner, name)}
}

func (p paper) write(l audit.Line) {
	p.t.Helper()
	if err := p.trail.Append(p.t.Context(), l); err != nil {
		p.t.Fatal(err)
	}
}

func (p paper) read(ref secret.Ref) []audit.Line {
	p.t.Helper()
	lines, err := p.reader.Read(p.t.Context(), ref)
	if err != nil {
		p.t.Fatal(err)
	}
	return lines
}

// line is a line with everything in it.
func line() audit.Line {
	return audit.Line{
		Ref: secret.Ref{Workspace: "ws_a", ID: "sec_a"}, Version: "2", Outcome: audit.Allowed, Reason: "why",
		By: secret.Stamp{
			Operation: "access-secret-version", Principal: "tok_x", RequestID: "r", InvocationID: "i",
			SourceIP: "192.0.2.1", ViewerIP: "192.0.2.2", TraceID: "t", At: noon,
		},
	}
}

func TestAWrittenLineIsNeverReplaced(t *testing.T) {
	p := newPaper(t)
	first := line()
	first.Seed = "the change"
	other := first
	other.By.Principal, other.Outcome = "tok_y", audit.Denied
	p.write(first)
	p.write(other) // no error: a change that is delivered again writes its own line
	first.Seed = ""
	if got := p.read(first.Ref); !reflect.DeepEqual(got, []audit.Line{first}) {
		t.Errorf("the trail is %+v", got)
	}
}

func TestAChangeDeliveredAgainWritesNoSecondLineAndTwoReadsAreTwo(t *testing.T) {
	p := newPaper(t)
	for _, seed := range []string{"a", "a", "b"} {
		l := line()
		l.Seed = seed
		p.write(l)
	}
	if n := len(p.read(line().Ref)); n != 2 {
		t.Errorf("%d lines of two changes", n)
	}
	for range 3 {
		p.write(line())
	}
	if n := len(p.read(line().Ref)); n != 5 {
		t.Errorf("%d lines after three reads of one millisecond, want 5", n)
	}
}

func TestATableThatRefusesALineIsAnError(t *testing.T) {
	p := newPaper(t)
	for _, code := range []string{"AccessDeniedException", "ValidationException"} {
		p.cloud.Hook(func(wire.Call) wire.Verdict { return wire.Refuse(400, code, "no") })
		if err := p.trail.Append(t.Context(), line()); err == nil {
			t.Errorf("%s: the line counts as written", code)
		}
	}
	p.cloud.Hook(nil)
	if n := len(p.read(line().Ref)); n != 0 {
		t.Errorf("%d lines", n)
	}
}

func TestALineSortsByItsMillisecondAndKeepsItsSecond(t *testing.T) {
	p := newPaper(t)
	late, early := line(), line()
	late.By.At, late.By.Principal = noon.Add(2*time.Millisecond), "tok_late"
	early.By.At, early.By.Principal = noon.Add(time.Millisecond), "tok_early"
	p.write(late)
	p.write(early)
	got := p.read(line().Ref)
	if len(got) != 2 || got[0].By.Principal != "tok_early" || !got[0].By.At.Equal(noon) {
		t.Errorf("the trail is %+v", got)
	}
}

func TestATrailIsReadAsItIsNow(t *testing.T) {
	p := newPaper(t)
	var mu sync.Mutex
	reads, consistent := 0, 0
	p.cloud.Hook(func(c wire.Call) wire.Verdict {
		var asked struct{ ConsistentRead bool }
		if c.Action == "Query" && json.Unmarshal(c.Body, &asked) == nil {
			mu.Lock()
			defer mu.Unlock()
			reads++
			if asked.ConsistentRead {
				consistent++
			}
		}
		return wire.Pass()
	})
	p.read(line().Ref)
	if reads != 1 || consistent != 1 {
		t.Errorf("%d reads, %d of them consistent", reads, consistent)
	}
}

func TestAPurgeOfNobodysDeleteHasNoTimeOfIt(t *testing.T) {
	p := newPaper(t)
	l := line()
	l.Purge = &audit.Purge{Mechanism: secret.ByTTL, Versions: 1}
	p.write(l)
	if got := p.read(l.Ref); len(got) != 1 || got[0].Purge == nil || *got[0].Purge != *l.Purge {
		t.Errorf("the trail is %+v", got)
	}
}

func TestALineThatIsThereAlreadyCountsAsWritten(t *testing.T) {
	p := newPaper(t)
	p.cloud.Hook(func(wire.Call) wire.Verdict {
		return wire.Refuse(400, "ConditionalCheckFailedException", "The conditional request failed")
	})
	if err := p.trail.Append(t.Context(), line()); err != nil {
		t.Error(err)
	}
}
