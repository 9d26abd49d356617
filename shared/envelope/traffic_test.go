package envelope_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"keepsake/shared/envelope"
	"keepsake/shared/secret"
)

// traffic is a shape of traffic: reads at random moments, of secrets at random, by containers at random.
type traffic struct {
	secrets, workspaces, containers int
	each                            time.Duration // between two reads of one secret
}

var shapes = []traffic{
	{10, 1, 1, time.Second},
	{10, 1, 5, 100 * time.Millisecond},
	{10, 1, 50, 100 * time.Millisecond},
	{1000, 1, 5, 10 * time.Second},
	{1000, 1, 5, time.Minute},
	{1000, 20, 50, 10 * time.Second},
	{10_000, 1, 5, time.Hour},
	{10_000, 1, 50, time.Hour},
	{10_000, 1000, 50, time.Hour},
}

// kept is how long both keep a key, and measured for how long they are watched after that.
const (
	kept     = envelope.MaxKeyAge
	measured = 10 * time.Minute
)

// perMillion returns how often KMS is asked for a million reads: by the cache of version keys as it is
// built, and by branch keys, one for each workspace, that each container keeps for as long.
func (f traffic) perMillion(t *testing.T) (versions, branches int) {
	v := newVault(t)
	openers := make([]envelope.Opener, f.containers)
	for i := range openers {
		openers[i] = envelope.Opener{KMS: v, Cache: envelope.NewKeyCache(kept, func() time.Time { return v.now })}
	}
	sealed := make([]secret.Sealed, f.secrets)
	for i := range sealed {
		sealed[i] = v.seal(i)
	}
	branch := map[[2]int]time.Time{} // by container and workspace
	draw := rand.New(rand.NewPCG(uint64(f.secrets), uint64(f.containers)))
	reads, asked, start := 0, int64(0), v.now
	for v.now.Sub(start) < kept+measured {
		v.now = v.now.Add(time.Duration(draw.ExpFloat64() * float64(f.each) / float64(f.secrets)))
		container, of, before := draw.IntN(f.containers), draw.IntN(f.secrets), v.asked.Load()
		if _, err := openers[container].Open(t.Context(), numbered(of), sealed[of]); err != nil {
			t.Fatal(err)
		}
		at := [2]int{container, of % f.workspaces}
		old := v.now.Sub(branch[at]) >= kept
		if old {
			branch[at] = v.now
		}
		if v.now.Sub(start) < kept {
			continue // both are still empty
		}
		reads++
		if asked += v.asked.Load() - before; old {
			branches++
		}
	}
	million := func(n int64) int { return int(n * 1_000_000 / int64(reads)) }
	return million(asked), million(int64(branches))
}

// TestTheDecisionsFiguresAreThoseOfTheCache compares the table of decision 28 with a simulation.
func TestTheDecisionsFiguresAreThoseOfTheCache(t *testing.T) {
	record, err := os.ReadFile("../../infra/decisions/0028-key-caching.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range shapes {
		versions, branches := f.perMillion(t)
		row := fmt.Sprintf("| %d | %s | %d | %d | %d | %d |", f.secrets, f.each, f.workspaces, f.containers, versions, branches)
		if !strings.Contains(string(record), row) {
			t.Errorf("the record has no row\n%s", row)
		}
	}
}
