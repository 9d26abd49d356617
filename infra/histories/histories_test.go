package histories

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"
)

// round is how many requests one world gets: a fresh one keeps its tables small.
const round = 2000

// TestEveryHistoryIsOneThatTheContractAllows runs a crowd of clients against the service and checks what
// they saw. A thousand requests by default; `make soak` asks for a hundred thousand.
//
//	SOAK_OPS=100000 HOSTILE_SEED=… go test ./infra/histories -run EveryHistory -timeout 2h -v
func TestEveryHistoryIsOneThatTheContractAllows(t *testing.T) {
	seed := number64("HOSTILE_SEED", rand.Uint64()>>1)
	requests := int(number64("SOAK_OPS", 1000))
	t.Logf("HOSTILE_SEED=%d", seed)
	for n := 0; n < requests; n += round {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := &crowd{world: newWorld(t, seed)}
			c.run(min(round, requests-n), seed)
			c.judge()
		})
		seed++
	}
}

func number64(variable string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(variable), 10, 64); err == nil {
		return n
	}
	return otherwise
}

// shown is how many illegal slots are printed: one is usually enough to find the fault.
const shown = 2

// judge checks the world's history, slot by slot.
func (w *world) judge() {
	w.t.Helper()
	w.cloud.StopFaults()
	for _, what := range w.failed {
		w.t.Errorf("the contract does not know this response here: %s", what)
	}
	illegal, unknown := 0, 0
	for _, history := range bySlot(w.history) {
		switch check(history) {
		case porcupine.Illegal:
			if illegal++; illegal <= shown {
				w.report(history)
			}
		case porcupine.Unknown:
			unknown++
		}
	}
	w.t.Logf("%d requests at %d slots: %d slots broke the contract, %d took too long to check; responses: %v; rows left: %d",
		len(w.history), len(bySlot(w.history)), illegal, unknown, w.counts(), w.rows())
	if unknown > 0 {
		w.t.Errorf("%d slots took longer than %s to check", unknown, patience)
	}
}

// counts counts the responses by operation and status.
func (w *world) counts() map[string]int {
	out := map[string]int{}
	for _, o := range w.history {
		if result := o.Output.(output); result.unknown {
			out["unknown"]++
		} else {
			out[fmt.Sprint(o.Input.(input).op, " ", result.status)]++
		}
	}
	for op, status := range success {
		// With fewer requests, chance alone leaves a rare one out.
		if len(w.history) >= 5000 && out[fmt.Sprint(op, " ", status)] == 0 {
			w.t.Errorf("of %d requests no %s succeeded: the history shows little", len(w.history), op)
		}
	}
	return out
}

// report prints the smallest part of the history that the contract does not allow, and draws it.
func (w *world) report(history []porcupine.Operation) {
	w.t.Helper()
	small := shrink(history)
	suspect := suspects(small)
	var lines strings.Builder
	for _, o := range small {
		mark := " "
		if suspect[o.Call] {
			mark = "?"
		}
		fmt.Fprintf(&lines, "%s [%d–%s] client %d: %s\n", mark, o.Call, moment(o.Return), o.ClientId, contract.DescribeOperation(o.Input, o.Output))
	}
	_, info := porcupine.CheckOperationsVerbose(contract.ToModel(), split(small), patience)
	path := filepath.Join(os.TempDir(), fmt.Sprintf("keepsake-history-%d-%d.html", os.Getpid(), history[0].Input.(input).slot))
	if err := porcupine.VisualizePath(contract.ToModel(), info, path); err != nil {
		path = err.Error()
	}
	w.t.Errorf("slot %d: the contract allows no order of these %d requests (of %d), but might if one marked ? had been answered otherwise; picture: %s\n%s",
		history[0].Input.(input).slot, len(small), len(history), path, lines.String())
}

func moment(at int64) string {
	if at == math.MaxInt64 {
		return "…"
	}
	return fmt.Sprint(at)
}
