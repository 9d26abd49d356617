package hostile

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

// Faults are random failures as AWS has them: lost responses, requests that are lost or come late and
// then twice, conflicts, throttling, errors of the service. Each is so rare that an SDK's own retries
// overcome nearly all.
type Faults struct {
	mu     sync.Mutex
	random *rand.Rand
	off    bool
}

// NewFaults returns the faults of a seed. Start starts them. The same calls in the same order meet the
// same faults.
func NewFaults(seed uint64) *Faults {
	return &Faults{random: rand.New(rand.NewPCG(seed, 1)), off: true}
}

// Start starts the faults.
func (f *Faults) Start() { f.set(false) }

// Stop stops them until Start is called again.
func (f *Faults) Stop() { f.set(true) }

func (f *Faults) set(off bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.off = off
}

// How many of a hundred calls meet each fault, and how late a late one is at most. An SDK waits less
// before its first retry: a late request may come before the retry or after it.
const (
	answersLost  = 4
	requestsLost = 1
	requestsLate = 3
	conflicts    = 3
	throttled    = 2
	failed       = 1
	latest       = 80 * time.Millisecond
)

// Hook decides what happens to a call.
func (f *Faults) Hook(call wire.Call) wire.Verdict {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.off {
		return wire.Pass()
	}
	n := f.random.IntN(100)
	below := func(share int) bool { n -= share; return n < 0 }
	writes := slices.Contains([]string{"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}, call.Action)
	switch {
	case below(answersLost):
		return wire.LoseAnswer()
	case below(requestsLost):
		return wire.LoseRequest()
	case below(requestsLate):
		return wire.ArriveLate(time.Duration(f.random.Int64N(int64(latest))))
	case below(throttled):
		return f.throttle(call)
	case below(failed):
		return serviceFailure(call)
	case writes && below(conflicts):
		return f.conflict(call)
	}
	return wire.Pass()
}

// These are the words of AWS's API reference.
const (
	ongoing  = "Transaction is ongoing for the item"
	exceeded = "The level of configured provisioned throughput for the table was exceeded. " +
		"Consider increasing your provisioning level with the UpdateTable API."
	hot = "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index " +
		"so please try again shortly. If exceptions persist, check if you have a hot key: " +
		"https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html."
	limited = "Throughput exceeds the current throughput limit for your account. Please contact AWS Support at https://aws.amazon.com/support " +
		"to request a limit increase"
)

func serviceFailure(call wire.Call) wire.Verdict {
	if call.Service == "kms" {
		return wire.Refuse(http.StatusInternalServerError, "KMSInternalException", "The request was rejected because an internal exception occurred.")
	}
	return wire.Refuse(http.StatusInternalServerError, "InternalServerError", "The request processing has failed because of an unknown error, exception or failure.")
}

func (f *Faults) throttle(call wire.Call) wire.Verdict {
	if call.Service == "kms" {
		return wire.Refuse(http.StatusBadRequest, "ThrottlingException", "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.")
	}
	table, index := target(call)
	what, how := "Table", "Read"
	if index {
		what = "Index"
	}
	if strings.Contains(call.Action, "Write") || slices.Contains([]string{"PutItem", "UpdateItem", "DeleteItem"}, call.Action) {
		how = "Write"
	}
	reasons := func(limit string) []map[string]string {
		return []map[string]string{{"reason": what + how + limit, "resource": template.TableARN(table)}}
	}
	kind := f.random.IntN(3)
	switch {
	case call.Action == "TransactWriteItems" && kind == 0:
		return f.cancel(call, "ThrottlingError", hot)
	case call.Action == "TransactWriteItems" && kind == 1:
		return f.cancel(call, "ProvisionedThroughputExceeded", exceeded)
	case kind == 0:
		return wire.Refuse(http.StatusBadRequest, "ThrottlingException", hot).With("throttlingReasons", reasons("KeyRangeThroughputExceeded"))
	case kind == 1:
		return wire.Refuse(http.StatusBadRequest, "RequestLimitExceeded", limited).With("ThrottlingReasons", reasons("AccountLimitExceeded"))
	}
	return wire.Refuse(http.StatusBadRequest, "ProvisionedThroughputExceededException", exceeded).
		With("ThrottlingReasons", reasons("KeyRangeThroughputExceeded"))
}

func (f *Faults) conflict(call wire.Call) wire.Verdict {
	if call.Action == "TransactWriteItems" {
		return f.cancel(call, "TransactionConflict", ongoing)
	}
	return wire.Refuse(http.StatusBadRequest, "TransactionConflictException", ongoing)
}

// cancel cancels a transaction because of one of its parts.
func (f *Faults) cancel(call wire.Call, code, message string) wire.Verdict {
	var in struct{ TransactItems []any }
	_ = json.Unmarshal(call.Body, &in) // if that fails, there are no reasons
	reasons, codes := []map[string]string{}, []string{}
	for range in.TransactItems {
		reasons, codes = append(reasons, map[string]string{"Code": "None"}), append(codes, "None")
	}
	if n := len(reasons); n > 0 {
		at := f.random.IntN(n)
		reasons[at], codes[at] = map[string]string{"Code": code, "Message": message}, code
	}
	return wire.Refuse(http.StatusBadRequest, "TransactionCanceledException",
		"Transaction cancelled, please refer cancellation reasons for specific reasons ["+strings.Join(codes, ", ")+"]").
		With("CancellationReasons", reasons)
}

// target returns the table of a call and whether the call reads an index of it.
func target(call wire.Call) (table string, index bool) {
	var in struct {
		TableName, IndexName string
		RequestItems         map[string]any
	}
	_ = json.Unmarshal(call.Body, &in) // if that fails, the table is ""
	for name := range in.RequestItems {
		in.TableName = name
	}
	return in.TableName, in.IndexName != ""
}
