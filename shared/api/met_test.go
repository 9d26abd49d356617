package api_test

import (
	"sync/atomic"
	"testing"

	"keepsake/infra/cloud/wire"
)

// TestAVersionThatMetAnotherOneIsSealedForItsOwnNumber has another version made between the read of the
// secret and the write of the first, whose number is then taken.
func TestAVersionThatMetAnotherOneIsSealedForItsOwnNumber(t *testing.T) {
	s := start(t)
	id := s.create()
	var met atomic.Bool
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "TransactWriteItems" && met.CompareAndSwap(false, true) {
			s.version(id, "the other")
		}
		return wire.Pass()
	})
	if n := s.version(id, "the one").json["version_number"]; n != 3.0 {
		t.Fatalf("its number is %v", n)
	}
	s.cloud.Hook(nil)
	if got := s.call("access-secret-version", request{id: id}).want(200).str("value"); got != "the one" {
		t.Error("another value came back")
	}
}

func TestAFaultOfAWSThatHasNoKnownNameIsUnavailable(t *testing.T) {
	s := start(t)
	id := s.create()
	s.fail("dynamodb", wire.Refuse(502, "NobodyKnowsException", "no"))
	s.call("get-secret", request{id: id}).fault(503, 7011)
}
